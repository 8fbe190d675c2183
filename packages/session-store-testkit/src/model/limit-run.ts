import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { LimitDecision, LimitRule } from '@mooring/session-store';
import { accepted, parallel } from '../expectations.ts';
import type { Trial } from '../harness.ts';
import { LimitModel } from './limit-model.ts';

export type LimitCommand =
  | { readonly do: 'consume'; readonly key: number; readonly cost: number; readonly id: number | null }
  | { readonly do: 'peek' | 'reset'; readonly key: number }
  /** Calls at once, on both clients. */
  | { readonly do: 'burst'; readonly key: number; readonly calls: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const key = fc.constantFrom(0, 0, 0, 1, 2);
const command: fc.Arbitrary<LimitCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('consume' as const),
      key,
      cost: fc.constantFrom(1, 1, 1, 2, 3),
      id: fc.constantFrom(null, null, 0, 1, 2),
    }),
  },
  fc.record({ do: fc.constantFrom('peek' as const, 'peek' as const, 'reset' as const), key }),
  fc.record({ do: fc.constant('burst' as const), key, calls: fc.integer({ min: 2, max: 8 }) }),
  fc.record({ do: fc.constant('sweep' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 98, 99, 297, 298, 299, 998, 5000),
    }),
  },
);
export const limitCommands = fc.array(command, { minLength: 30, maxLength: 40, size: 'max' });

const RULES: readonly LimitRule[] = [
  { limit: 5, windowMs: 300 },
  { limit: 3, windowMs: 1000 },
  { limit: 4, windowMs: 100 },
];

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class LimitRun {
  private readonly models = RULES.map((rule) => new LimitModel(rule));
  private steps = 0;

  constructor(
    private readonly trial: Trial,
    private readonly tenantId: string,
  ) {}

  async step(command: LimitCommand): Promise<void> {
    const { clock, store, second } = this.trial;
    await clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const client = this.steps++ % 2 === 0 ? store : second;
    if (command.do === 'wait') return;
    if (command.do === 'sweep') return void accepted(await client.sweep({ target: 'limits', limit: 1000 }));
    const key = { tenantId: this.tenantId, name: `key-${command.key}` };
    const rule = RULES[command.key] as LimitRule;
    const model = this.models[command.key] as LimitModel;
    const now = clock.now();
    switch (command.do) {
      case 'consume': {
        const id = command.id === null ? undefined : `id-${command.id}`;
        const options = { cost: command.cost, ...(id === undefined ? {} : { id }) };
        const decision = await client.limits.consume(key, rule, options);
        return assert.deepEqual(decision, model.consume(command.cost, id, now));
      }
      case 'peek':
        return assert.deepEqual(await client.limits.peek(key, rule), model.peek(now));
      case 'reset':
        model.reset();
        return client.limits.reset(key, rule);
      case 'burst': {
        const decisions = await parallel(this.trial, command.calls, (on) => on.limits.consume(key, rule));
        const expected = Array.from({ length: command.calls }, () => model.consume(1, undefined, now));
        return assert.deepEqual(inAnyOrder(decisions), inAnyOrder(expected));
      }
    }
  }
}

/** Nobody knows who of several comes first: all answers together are those of calls one after the other. */
function inAnyOrder(decisions: readonly LimitDecision[]): string[] {
  return decisions
    .map(({ allowed, remaining, retryAfterMs, resetAt }) => JSON.stringify([allowed, remaining, retryAfterMs, resetAt]))
    .sort();
}
