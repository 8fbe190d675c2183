import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { EpochMs, Lease } from '@mooring/session-store';
import { accepted, parallel, refusedAs } from '../expectations.ts';
import type { Trial } from '../harness.ts';

export type LeaseCommand =
  | { readonly do: 'acquire'; readonly name: number; readonly holder: number; readonly ttlMs: number }
  /** The lease is one of those that were answered so far, ended ones too. */
  | { readonly do: 'renew'; readonly lease: number; readonly ttlMs: number }
  | { readonly do: 'release'; readonly lease: number }
  /** Holders at once, on both clients. */
  | { readonly do: 'burst'; readonly name: number; readonly calls: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const name = fc.constantFrom(0, 0, 0, 1);
const lease = fc.constantFrom(0, 0, 0, 1, 1, 2, 3);
const ttlMs = fc.constantFrom(300, 500, 1000);
const command: fc.Arbitrary<LeaseCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('acquire' as const), name, holder: fc.constantFrom(0, 1, 2), ttlMs }),
  },
  fc.record({ do: fc.constant('renew' as const), lease, ttlMs }),
  fc.record({ do: fc.constant('release' as const), lease }),
  fc.record({ do: fc.constant('burst' as const), name, calls: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 298, 299, 498, 499, 998, 5000) }),
  },
);
export const leaseCommands = fc.array(command, { minLength: 30, maxLength: 40, size: 'max' });

/** What the contract says of one lease: who has it, under which token, until when. */
interface ModelLease {
  readonly holder: string;
  readonly token: number;
  endsAt: EpochMs;
}

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class LeaseRun {
  private readonly held = new Map<string, ModelLease>();
  private readonly highest = new Map<string, number>();
  private readonly answered: Lease[] = [];
  private steps = 0;

  constructor(
    private readonly trial: Trial,
    private readonly prefix: string,
  ) {}

  async step(command: LeaseCommand): Promise<void> {
    const { clock, store, second } = this.trial;
    await clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const now = clock.now();
    const client = this.steps++ % 2 === 0 ? store : second;
    switch (command.do) {
      case 'wait':
        return;
      case 'sweep':
        return void accepted(await client.sweep({ target: 'leases', limit: 1000 }));
      case 'acquire': {
        const named = `${this.prefix} ${command.name}`;
        const holder = `holder-${command.holder}`;
        const result = await client.leases.acquire(named, holder, command.ttlMs);
        const held = this.living(named, now);
        if (held !== undefined && held.holder !== holder) return refusedAs(result, 'held');
        return this.taken(accepted(result), now + command.ttlMs, held);
      }
      case 'burst': {
        const named = `${this.prefix} ${command.name}`;
        const held = this.living(named, now);
        const results = await parallel(this.trial, command.calls, (on, index) =>
          on.leases.acquire(named, `crowd-${index}`, 400),
        );
        const won = results.filter(({ ok }) => ok).map((result) => accepted(result));
        for (const result of results) if (!result.ok) refusedAs(result, 'held');
        if (held !== undefined && !held.holder.startsWith('crowd')) return assert.equal(won.length, 0);
        const [winner] = won;
        if (winner === undefined) return assert.ok(held !== undefined, 'a free lease went to nobody');
        assert.equal(won.length, 1);
        return this.taken(winner, now + 400, held?.holder === winner.holder ? held : undefined);
      }
      default:
        return this.onLease(command, now);
    }
  }

  private async onLease(
    command: Extract<LeaseCommand, { readonly do: 'renew' | 'release' }>,
    now: EpochMs,
  ): Promise<void> {
    const lease = this.answered[command.lease];
    if (lease === undefined) return;
    const { leases } = this.trial.store;
    const held = this.living(lease.name, now);
    const mine = held?.holder === lease.holder && held.token === lease.fencingToken ? held : undefined;
    if (command.do === 'release') {
      const result = await leases.release(lease);
      if (mine === undefined) return refusedAs(result, 'lost');
      accepted(result);
      return void this.held.delete(lease.name);
    }
    const result = await leases.renew(lease, command.ttlMs);
    if (mine === undefined) return refusedAs(result, 'lost');
    assert.deepEqual(accepted(result), { ...lease, expiresAt: now + command.ttlMs });
    mine.endsAt = now + command.ttlMs;
  }

  private living(named: string, now: EpochMs): ModelLease | undefined {
    const held = this.held.get(named);
    return held !== undefined && held.endsAt > now ? held : undefined;
  }

  private taken(lease: Lease, endsAt: EpochMs, before: ModelLease | undefined): void {
    assert.equal(lease.expiresAt, endsAt);
    if (before === undefined) {
      assert.ok(lease.fencingToken > (this.highest.get(lease.name) ?? 0), 'the fencing token must grow');
    } else {
      assert.equal(lease.fencingToken, before.token, 'the same holder keeps its token');
    }
    this.highest.set(lease.name, lease.fencingToken);
    this.held.set(lease.name, { holder: lease.holder, token: lease.fencingToken, endsAt });
    this.answered.unshift(lease);
  }
}
