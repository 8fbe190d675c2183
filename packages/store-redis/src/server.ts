import type { Clock } from '@mooring/session-store';
import { TimeLimit } from '@mooring/session-store/adapter';
import { closed, isUnknownScript, notReady, translate } from './errors.ts';
import type { Places } from './keys.ts';
import type { RedisClient } from './options.ts';
import type { Script } from './script.ts';
import { ScriptCall, ServerCall } from './server-call.ts';

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
  private readonly timeLimit: TimeLimit;

  constructor(
    private readonly client: RedisClient,
    private readonly options: ServerOptions,
  ) {
    this.timeLimit = new TimeLimit(limitOf(options));
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

  /** A server that does not know a script refuses it, having done nothing: it is sent again once, whole. */
  async run(operation: string, script: Script, places: Places, args: readonly (string | number)[]): Promise<unknown> {
    const time = this.options.clock === undefined ? '' : String(this.options.clock.now());
    const call = new ScriptCall(operation, script, places, time, args);
    try {
      return await this.send(operation, call);
    } catch (cause) {
      if (!isUnknownScript(cause)) throw translate(operation, cause, true);
    } finally {
      this.timeLimit.finish(call);
    }
    return this.answer(operation, new ScriptCall(operation, script, places, time, args, true));
  }

  async delete(operation: string, keys: string[]): Promise<void> {
    await this.answer(operation, new ServerCall(operation, 'del', keys));
  }

  /** The values of some keys in one slot. */
  async values(operation: string, keys: string[]): Promise<readonly (string | null)[]> {
    return (await this.answer(operation, new ServerCall(operation, 'mget', keys))) as readonly (string | null)[];
  }

  /** The server's clock. */
  async time(operation: string): Promise<number> {
    const answer = await this.answer(operation, new ServerCall(operation, 'time'));
    const [seconds, micros] = answer as readonly unknown[];
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Later operations fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  private async answer(operation: string, call: ServerCall): Promise<unknown> {
    try {
      return await this.send(operation, call);
    } catch (cause) {
      throw translate(operation, cause, true);
    } finally {
      this.timeLimit.finish(call);
    }
  }

  /** @throws StoreError when nothing can be sent now */
  requireConnection(operation: string): void {
    if (this.closed) throw closed(operation);
    const { status } = this.client;
    if (this.options.client === undefined ? status !== 'ready' : DOWN.has(status)) throw notReady(operation);
  }

  private send(operation: string, call: ServerCall): unknown {
    this.requireConnection(operation);
    this.timeLimit.begin(call);
    return this.client.sendCommand(call);
  }
}

/** A client that was passed in keeps its own limit, and ends calls itself if it can. */
function limitOf({ client, commandTimeoutMs }: ServerOptions): number {
  if (client === undefined) return commandTimeoutMs;
  const { commandTimeout, redisOptions } = client.options ?? {};
  return commandTimeout ?? redisOptions?.commandTimeout ?? commandTimeoutMs;
}

function ignore(): void {}
