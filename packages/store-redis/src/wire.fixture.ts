import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

/** A command that a client sent, with the keys that it declared and those that its script touched. */
export interface WireCommand {
  readonly name: string;
  readonly declared: readonly string[];
  readonly touched: string[];
}

interface Seen {
  readonly args: readonly string[];
  readonly fromScript: boolean;
}

/** Watches what arrives at some servers. */
export class Wire {
  private readonly seen: Seen[] = [];
  private readonly marks = new Set<string>();

  private constructor(
    private readonly monitors: readonly Redis[],
    private readonly markers: readonly Redis[],
  ) {}

  static async watch(urls: readonly string[]): Promise<Wire> {
    const markers = urls.map((url) => new Redis(url));
    const monitors = await Promise.all(markers.map((marker) => marker.monitor()));
    const wire = new Wire(monitors, markers);
    for (const monitor of monitors) {
      monitor.on('monitor', (_time: string, args: string[], source: string) => wire.note(args, source));
    }
    return wire;
  }

  /** What clients send while `call` runs. Health checks and cluster housekeeping of the driver are no operations. */
  async during(call: () => Promise<unknown>): Promise<WireCommand[]> {
    await this.mark();
    this.seen.splice(0);
    await call();
    await this.mark();
    const commands: WireCommand[] = [];
    for (const { args, fromScript } of this.seen.splice(0)) {
      const name = String(args[0]).toLowerCase();
      if (fromScript) {
        if (name !== 'time') commands.at(-1)?.touched.push(String(args[1]));
      } else if (!['info', 'cluster', 'client', 'ping', 'monitor', 'select'].includes(name)) {
        commands.push({ name, declared: keysOf(name, args), touched: [] });
      }
    }
    return commands;
  }

  stop(): void {
    for (const redis of [...this.monitors, ...this.markers]) redis.disconnect();
  }

  private note(args: readonly string[], source: string): void {
    if (args[0]?.toLowerCase() === 'ping' && args[1] !== undefined) this.marks.delete(args[1]);
    else this.seen.push({ args, fromScript: source.includes('lua') });
  }

  /** All that was sent before has been seen when each monitor has seen a mark. */
  private async mark(): Promise<void> {
    for (const marker of this.markers) {
      const name = randomUUID();
      this.marks.add(name);
      await marker.ping(name);
    }
    while (this.marks.size > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function keysOf(name: string, args: readonly string[]): readonly string[] {
  if (name === 'eval' || name === 'evalsha') return args.slice(3, 3 + Number(args[2]));
  return name === 'time' ? [] : args.slice(1);
}
