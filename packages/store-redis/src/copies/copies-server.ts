import { closed, notReady, overdue, translate } from '../errors.ts';
import type { RedisStoreSettings } from '../options.ts';

export interface CopyScript {
  /** The name of the command that it becomes on a client. */
  readonly command: string;
  readonly lua: string;
}

/** The part of an ioredis `Redis` or `Cluster` that copies need. */
export interface CopiesClient {
  readonly status: string;
  readonly isCluster?: boolean;
  readonly options?: { readonly db?: number; readonly keyPrefix?: string };
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  defineCommand(name: string, definition: { lua: string }): void;
  mget(...keys: string[]): Promise<readonly (string | null)[]>;
  info(section: string): Promise<string>;
  nodes?(role: 'master'): readonly CopiesClient[];
}

type Command = (...args: (string | number)[]) => Promise<unknown>;

/** What a client that was passed in can only fail in, or wait for long. */
const DOWN = new Set(['close', 'reconnecting', 'end', 'disconnecting']);

/** Runs commands, and ends each in time with an answer or a `StoreError`. */
export class CopiesServer {
  private readonly defined = new Set<string>();
  private closed = false;

  constructor(
    readonly client: CopiesClient,
    private readonly settings: Pick<RedisStoreSettings, 'client' | 'commandTimeoutMs'>,
  ) {}

  run(operation: string, script: CopyScript, keys: readonly string[], args: readonly (string | number)[]) {
    return this.ask(operation, () => {
      if (!this.defined.has(script.command)) {
        this.client.defineCommand(script.command, { lua: script.lua });
        this.defined.add(script.command);
      }
      const command = (this.client as unknown as Record<string, Command>)[script.command] as Command;
      return command.call(this.client, keys.length, ...keys, ...args);
    });
  }

  async ask<T>(operation: string, send: () => Promise<T>): Promise<T> {
    if (this.closed) throw closed(operation);
    const { status } = this.client;
    if (this.settings.client === undefined ? status !== 'ready' : DOWN.has(status)) throw notReady(operation);
    const { commandTimeoutMs } = this.settings;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(overdue(operation, commandTimeoutMs)), commandTimeoutMs);
    });
    try {
      return await Promise.race([send(), late]);
    } catch (cause) {
      throw translate(operation, cause, true);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Later operations fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }
}
