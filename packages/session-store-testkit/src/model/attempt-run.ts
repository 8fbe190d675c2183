import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { AttemptKey, AttemptPolicy, AttemptVerdict, EpochMs } from '@mooring/session-store';
import { accepted, parallel } from '../expectations.ts';
import type { Trial } from '../harness.ts';
import { AttemptModel } from './attempt-model.ts';

export type AttemptCommand =
  | { readonly do: 'fail'; readonly who: readonly number[]; readonly id: number | null }
  | { readonly do: 'check' | 'succeed'; readonly who: readonly number[] }
  /** Failures at once, on both clients. */
  | { readonly do: 'burst'; readonly who: readonly number[]; readonly calls: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const who = fc.constantFrom([0, 1, 2], [0, 1, 2], [0, 1, 2], [1], [2], [3]);
const command: fc.Arbitrary<AttemptCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('fail' as const), who, id: fc.constantFrom(null, null, 0, 1) }),
  },
  fc.record({ do: fc.constantFrom('check' as const, 'check' as const, 'succeed' as const), who }),
  fc.record({ do: fc.constant('burst' as const), who, calls: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 98, 298, 299, 498, 499, 998, 3000),
    }),
  },
);
export const attemptCommands = fc.array(command, { minLength: 30, maxLength: 40, size: 'max' });

const POLICY: AttemptPolicy = { limit: 3, windowMs: 300, lockStepsMs: [500, 1000], resetAfterMs: 2500 };
const KEYS: readonly AttemptKey[] = [
  { scope: 'ip', value: '192.0.2.1', policy: { ...POLICY, limit: 5, lockStepsMs: [100] } },
  { scope: 'account', value: 'ann', policy: POLICY },
  { scope: 'account_ip', value: 'ann|192.0.2.1', policy: { ...POLICY, limit: 1, lockStepsMs: [300, 200, 100] } },
  { scope: 'ip', value: '192.0.2.2', policy: POLICY },
];

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class AttemptRun {
  private readonly models = KEYS.map(({ policy }) => new AttemptModel(policy));
  private steps = 0;

  constructor(
    private readonly trial: Trial,
    private readonly tenantId: string,
  ) {}

  async step(command: AttemptCommand): Promise<void> {
    const { clock, store, second } = this.trial;
    await clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const client = this.steps++ % 2 === 0 ? store : second;
    if (command.do === 'wait') return;
    if (command.do === 'sweep') return void accepted(await client.sweep({ target: 'attempts', limit: 1000 }));
    const now = clock.now();
    const keys = command.who.map((place) => KEYS[place] as AttemptKey);
    switch (command.do) {
      case 'fail': {
        const id = command.id === null ? undefined : `id-${command.id}`;
        const verdict = await client.attempts.recordFailure(this.tenantId, keys, id === undefined ? {} : { id });
        for (const place of command.who) this.models[place]?.fail(id, now);
        return assert.deepEqual(verdict, this.verdict(command.who, now));
      }
      case 'check':
        break;
      case 'succeed':
        await client.attempts.recordSuccess(this.tenantId, keys);
        for (const place of command.who) if (KEYS[place]?.scope !== 'ip') this.models[place]?.clear();
        break;
      case 'burst':
        await parallel(this.trial, command.calls, (on) => on.attempts.recordFailure(this.tenantId, keys));
        for (let call = 0; call < command.calls; call++) {
          for (const place of command.who) this.models[place]?.fail(undefined, now);
        }
        break;
    }
    assert.deepEqual(await client.attempts.check(this.tenantId, keys), this.verdict(command.who, now));
  }

  private verdict(places: readonly number[], now: EpochMs): AttemptVerdict {
    const states = places.map((place) => ({
      scope: (KEYS[place] as AttemptKey).scope,
      ...(this.models[place] as AttemptModel).state(now),
    }));
    const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
    return { allowed: retryAfterMs === 0, retryAfterMs, states };
  }
}
