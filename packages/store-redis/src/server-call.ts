import type { LimitedCall } from '@mooring/session-store/adapter';
import { Command } from 'ioredis';
import { overdue } from './errors.ts';
import { writesOf } from './writes.ts';
import type { Places } from './keys.ts';
import type { Script } from './script.ts';

/** A command that the store ends in time: one timer for all of them, where the driver starts one for each. */
export class ServerCall extends Command implements LimitedCall {
  due = 0;
  earlier: LimitedCall | undefined;
  later: LimitedCall | undefined;

  constructor(
    private readonly operation: string,
    name: string,
    args: string[] = [],
  ) {
    super(name, args, TEXT);
  }

  override setTimeout(): void {}

  override toWritable(stream: object): string | Buffer {
    writesOf(stream).gather();
    return super.toWritable(stream);
  }

  end(limitMs: number): void {
    this.reject(overdue(this.operation, limitMs));
  }
}

const TEXT = { replyEncoding: 'utf8' } as const;

/** Runs a script: by its digest, but with its text on a connection that has not seen it, or when `whole`. */
export class ScriptCall extends ServerCall {
  constructor(
    operation: string,
    private readonly script: Script,
    private readonly places: Places,
    private readonly time: string,
    private readonly values: readonly (string | number)[],
    private readonly whole = false,
  ) {
    // What is written is put together below: the driver would encode each word of it anew.
    super(operation, 'evalsha');
  }

  override getKeys(): string[] {
    return this.places.names;
  }

  override toWritable(stream: object): string {
    const { script, places, values } = this;
    const writes = writesOf(stream);
    writes.gather();
    const start = writes.knows(script) && !this.whole ? script.digest : script.whole;
    let text = `*${places.names.length + values.length + 4}\r\n${start}${places.words}${word(this.time)}`;
    for (const value of values) text += word(`${value}`);
    return text;
  }
}

/** A word of a command, as it is on the wire. */
export function word(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}
