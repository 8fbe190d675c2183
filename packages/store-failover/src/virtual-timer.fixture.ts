import type { Timer } from './timer.ts';

/** Time that stands still, and goes on by as much as somebody waits. */
export class VirtualTimer implements Timer {
  private time = 0;

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time;
  }

  async wait(ms: number): Promise<void> {
    this.time += ms;
  }
}
