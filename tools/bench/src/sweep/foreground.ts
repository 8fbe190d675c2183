import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoreBackend } from '@mooring/session-store';
import type { Visitor } from '../stores/contender.ts';

export interface Touches {
  readonly latenciesMs: readonly number[];
  /** Live sessions that a touch did not find alive. */
  readonly lost: number;
}

/** Clients that touch live sessions one after the other, each touch a write. */
export class Foreground {
  private readonly latenciesMs: number[] = [];
  private lost = 0;
  private stopped = false;
  private readonly clients: readonly Promise<void>[];

  constructor(
    private readonly store: StoreBackend,
    private readonly visitors: readonly Visitor[],
    clients: number,
  ) {
    this.clients = Array.from({ length: clients }, (_, client) => this.run(client));
  }

  async stop(): Promise<Touches> {
    this.stopped = true;
    await Promise.all(this.clients);
    return { latenciesMs: this.latenciesMs, lost: this.lost };
  }

  private async run(client: number): Promise<void> {
    const { visitors } = this;
    // Far from each other and from the order of creation.
    for (let index = client * 7919; !this.stopped; index += 104_729) {
      const visitor = visitors[index % visitors.length] as Visitor;
      const startedAt = performance.now();
      const touched = await this.store.sessions.touch(visitor, { presented: visitor.verifier });
      this.latenciesMs.push(performance.now() - startedAt);
      if (!touched.ok) this.lost += 1;
      await nextTurn();
    }
  }
}
