import type { Clock } from '@mooring/session-store';
import { ANSWER_MARGIN_MS } from './connections.ts';
import { closed, isUnknownScript, notReady, translate } from './errors.ts';
import type { RedisClient } from './options.ts';
import type { Script } from './script.ts';
import { ScriptCall, ServerCall } from './server-call.ts';
import type { ClientSettings } from './server-call.ts';
import { TimeLimit } from './time-limit.ts';

export interface ServerOptions {
  readonly clock?: Pick<Clock, 'now'>;
  readonly commandTimeoutMs: number;
  /** A client that was passed in: it may connect with its first command, and queue what it can't send. */
  readonly client?: RedisClient;
}

/** What a client that was passed in can only fail in, or wait for long. */
const DOWN = new Set(['close', 'reconnecting', 'end', 'disconnecting']);

/** Runs scripts, one command on the wire each, and ends every call in time with an answer or a `StoreError`. */
export class RedisServer {
  private closed = false;
  private readonly settings: ClientSettings;
  private readonly timeLimit: TimeLimit;

  constructor(
    private readonly client: RedisClient,
    private readonly options: ServerOptions,
  ) {
    const passedIn = options.client !== undefined;
    this.settings = { keyPrefix: client.options?.keyPrefix ?? '', limitsCalls: passedIn };
    this.timeLimit = new TimeLimit(options.commandTimeoutMs + (passedIn ? ANSWER_MARGIN_MS : 0));
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
    const values = [this.options.clock?.now() ?? '', ...args];
    return this.answer(operation, (whole) => new ScriptCall(operation, this.settings, script, keys, values, whole));
  }

  async delete(operation: string, keys: readonly string[]): Promise<void> {
    await this.answer(operation, () => new ServerCall(operation, this.settings, 'del', keys));
  }

  /** The server's clock. */
  async time(operation: string): Promise<number> {
    const answer = await this.answer(operation, () => new ServerCall(operation, this.settings, 'time'));
    const [seconds, micros] = answer as readonly unknown[];
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Later operations fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  /** A server that does not know a script refuses it, having done nothing: it is sent again once, whole. */
  private async answer(operation: string, callOf: (whole: boolean) => ServerCall): Promise<unknown> {
    for (let whole = false; ; whole = true) {
      if (this.closed) throw closed(operation);
      const { status } = this.client;
      if (this.options.client === undefined ? status !== 'ready' : DOWN.has(status)) throw notReady(operation);
      const call = callOf(whole);
      this.timeLimit.begin(call);
      try {
        return await this.client.sendCommand(call);
      } catch (cause) {
        if (whole || !isUnknownScript(cause)) throw translate(operation, cause, true);
      } finally {
        this.timeLimit.finish(call);
      }
    }
  }
}

function ignore(): void {}
