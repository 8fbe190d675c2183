import { Writable } from 'node:stream';
import type { Script } from './script.ts';

/** A server can begin with the first calls of a turn while the others are still put together. */
const MOST_AT_ONCE = 16;

/** What is known of a connection: which scripts went over it, and what was written in this turn of the event loop. */
class Writes {
  private readonly scripts = new Set<Script>();
  private written = 0;
  private ending = false;
  private readonly stream: Writable | undefined;

  constructor(stream: object) {
    this.stream = stream instanceof Writable ? stream : undefined;
  }

  /** Whether the text of the script was sent before. From now on it was. */
  knows(script: Script): boolean {
    if (this.scripts.has(script)) return true;
    this.scripts.add(script);
    return false;
  }

  /** Before each write. The first of a turn goes out at once, the others together: one system call costs more than a call. */
  gather(): void {
    const { stream } = this;
    if (stream === undefined) return;
    if (this.written === MOST_AT_ONCE) {
      stream.uncork();
      this.written = 1;
    }
    this.written += 1;
    if (this.written === 2) stream.cork();
    if (this.ending) return;
    this.ending = true;
    process.nextTick(() => {
      if (this.written > 1) stream.uncork();
      this.written = 0;
      this.ending = false;
    });
  }
}

const known = new WeakMap<object, Writes>();

export function writesOf(stream: object): Writes {
  let writes = known.get(stream);
  if (writes === undefined) known.set(stream, (writes = new Writes(stream)));
  return writes;
}
