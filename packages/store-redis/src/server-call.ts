import { Command } from 'ioredis';
import { overdue } from './errors.ts';
import { word } from './script.ts';
import type { Script } from './script.ts';
import type { LimitedCall } from './time-limit.ts';

/** How the client of a call was set up. */
export interface ClientSettings {
  readonly keyPrefix: string;
  /** A client that was passed in: its own `commandTimeout` counts too. */
  readonly limitsCalls: boolean;
}

/** A command that the store ends in time: one timer for all of them, where the driver starts one for each. */
export class ServerCall extends Command implements LimitedCall {
  due = 0;

  constructor(
    private readonly operation: string,
    private readonly client: ClientSettings,
    name: string,
    args: readonly string[] = [],
  ) {
    super(name, [...args], { replyEncoding: 'utf8', keyPrefix: client.keyPrefix });
  }

  override setTimeout(ms: number): void {
    if (this.client.limitsCalls) super.setTimeout(ms);
  }

  end(limitMs: number): void {
    this.reject(overdue(this.operation, limitMs));
  }
}

/** Runs a script: by its digest, but with its text on a connection that has not seen it, or when `whole`. */
export class ScriptCall extends ServerCall {
  private readonly prefixed: string[];

  constructor(
    operation: string,
    client: ClientSettings,
    private readonly script: Script,
    keys: readonly string[],
    private readonly values: readonly (string | number)[],
    private readonly whole: boolean,
  ) {
    // What is written is put together below: the driver would encode the digest and the count of keys each time anew.
    super(operation, client, 'evalsha');
    this.prefixed = keys.map((key) => client.keyPrefix + key);
  }

  override getKeys(): string[] {
    return this.prefixed;
  }

  override toWritable(connection: object): string {
    const { script, prefixed, values } = this;
    const { whole, digest, connections } = script;
    const first = this.whole || !connections.has(connection);
    if (first) connections.add(connection);
    let text = `*${3 + prefixed.length + values.length}\r\n${first ? whole : digest}`;
    text += word(String(prefixed.length));
    for (const key of prefixed) text += word(key);
    for (const value of values) text += word(String(value));
    return text;
  }
}
