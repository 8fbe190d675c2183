import type { Clock } from '@mooring/session-store';
import { ANSWER_MARGIN_MS } from './connections.ts';
import { closed, notReady, overdue, translate } from './errors.ts';
import type { RedisClient } from './options.ts';
import type { Script } from './script.ts';

export interface ServerOptions {
  readonly clock?: Pick<Clock, 'now'>;
  readonly commandTimeoutMs: number;
  /** A client that was passed in: it may connect with its first command, and queue what it can't send. */
  readonly client?: RedisClient;
}

type Command = (...args: (string | number)[]) => Promise<unknown>;

/** What a client that was passed in can only fail in, or wait for long. */
const DOWN = new Set(['close', 'reconnecting', 'end', 'disconnecting']);

/** Runs scripts, one command on the wire each, and ends every call in time with an answer or a `StoreError`. */
export class RedisServer {
  private readonly defined = new Set<string>();
  private closed = false;
  /** A single connection of ours: the driver's `commandTimeout` ends every command. */
  private readonly limitsItself: boolean;

  constructor(
    private readonly client: RedisClient,
    private readonly options: ServerOptions,
  ) {
    this.limitsItself = options.client === undefined && !this.isCluster;
    // Never removed: the driver prints errors that nobody listens to.
    client.on('error', ignore);
  }

  /** Several keys of one command must be in one slot. */
  get isCluster(): boolean {
    return this.client.isCluster === true;
  }

  get injectedTime(): number | undefined {
    return this.options.clock?.now();
  }

  run(
    operation: string,
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return this.answer(operation, () => {
      this.define(script);
      const command = (this.client as unknown as Record<string, Command>)[script.command] as Command;
      const time = this.options.clock?.now() ?? '';
      return command.call(this.client, keys.length, ...keys, time, ...args);
    });
  }

  async delete(operation: string, keys: readonly string[]): Promise<void> {
    await this.answer(operation, () => this.client.del(...keys));
  }

  /** The server's clock. */
  async time(operation: string): Promise<number> {
    const [seconds, micros] = await this.answer(operation, () => this.client.time());
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Later operations fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  private async answer<T>(operation: string, send: () => Promise<T>): Promise<T> {
    if (this.closed) throw closed(operation);
    const { status } = this.client;
    if (this.options.client === undefined ? status !== 'ready' : DOWN.has(status)) throw notReady(operation);
    try {
      return await (this.limitsItself ? send() : this.inTime(operation, send()));
    } catch (cause) {
      throw translate(operation, cause, true);
    }
  }

  /** A cluster may wait for a node or redirect, and nobody knows the limits of a client that was passed in. */
  private async inTime<T>(operation: string, answer: Promise<T>): Promise<T> {
    const limitMs = this.options.commandTimeoutMs + ANSWER_MARGIN_MS;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(overdue(operation, limitMs)), limitMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private define(script: Script): void {
    if (this.defined.has(script.command)) return;
    this.client.defineCommand(script.command, { lua: script.lua });
    this.defined.add(script.command);
  }
}

function ignore(): void {}
