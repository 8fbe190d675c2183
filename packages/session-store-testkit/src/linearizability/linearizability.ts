import assert from 'node:assert/strict';
import type { SweepTarget } from '@mooring/session-store';
import type { TestRunner } from '../conformance.ts';
import type { Call, Specification } from './call.ts';
import { checkHistory } from './checker.ts';
import { leaseSpecification } from './lease-specification.ts';
import { poolSpecification } from './pool-specification.ts';
import { POOL_CAPS, recorded } from './recording.ts';
import type { HistoryHarness, Loss, Recorded, RecordingOptions } from './recording.ts';
import { sessionSpecification } from './session-specification.ts';

export interface HistoryOptions extends Partial<RecordingOptions> {
  /** How many histories of each kind are recorded and checked, each as a test of its own. Default 1. */
  readonly rounds?: number;
}

const TITLES: Readonly<Record<Loss, string>> = {
  nothing: 'what clients saw of sessions, leases and a pool has one order that explains it',
  client:
    'what clients saw of sessions, leases and a pool has one order that explains it, with one of them killed amid it',
  server: 'what clients saw of what is kept has one order that explains it, with the server killed amid it',
};

/** How many calls before the one that nothing explains a failure shows. */
const SHOWN_CALLS = 40;

/**
 * Declares as tests that recorded histories of a backend's sessions, leases and pool are linearizable: of clients in one
 * process where the harness has no `start`, else with a process killed amid them, and with the server killed where the
 * harness can. A failure shows the first answer that no order explains, and the calls before it.
 */
export function linearizability(
  runner: TestRunner,
  harness: HistoryHarness,
  { rounds = 1, seed = 1, callsEach = 20 }: HistoryOptions = {},
): void {
  const loss = harness.killServer !== undefined ? 'server' : harness.start !== undefined ? 'client' : 'nothing';
  runner.describe(`${harness.name}: histories`, () => {
    for (let round = 0; round < rounds; round += 1) {
      const options = { seed: seed + round, callsEach };
      const name = rounds === 1 ? TITLES[loss] : `${TITLES[loss]} (seed ${options.seed})`;
      runner.it(name, async () => requireLinearizable(harness, await recorded(harness, loss, options), options.seed));
    }
  });
}

function requireLinearizable({ survives }: HistoryHarness, recording: Recorded, seed: number): void {
  const { sessions, leases, pools, history } = recording;
  const check = <State, Asked, Answer>(
    kind: SweepTarget,
    things: readonly string[],
    specification: Specification<State, Asked, Answer>,
  ): void => {
    if (survives !== undefined && !survives.includes(kind)) return;
    for (const thing of things) {
      const calls = history.calls.filter(({ on }) => on === thing) as Call<Asked, Answer>[];
      const verdict = checkHistory(specification, calls);
      if (verdict.is === 'linearizable') continue;
      const what = verdict.is === 'undecided' ? 'there are too many orders to try before' : 'no order explains';
      const states =
        verdict.is === 'impossible' ? verdict.states.slice(0, 3).map((state) => JSON.stringify(state)) : [];
      assert.fail(
        [
          `${kind}, seed ${seed}: ${what}`,
          shown(verdict.call),
          ...(states.length === 0 ? [] : ['where it could have been', ...states]),
          'after',
          ...before(calls, verdict.call).map(shown),
        ].join('\n'),
      );
    }
  };
  check('sessions', sessions, sessionSpecification);
  check('leases', leases, leaseSpecification);
  check('pool', pools, poolSpecification(POOL_CAPS));
}

function before(calls: readonly Call[], last: Call): readonly Call[] {
  return calls
    .filter((call) => call !== last && call.begin < last.end)
    .sort((one, other) => one.begin - other.begin)
    .slice(-SHOWN_CALLS);
}

function shown({ client, begin, end, asked, answer }: Call): string {
  const came = end === Infinity ? 'nobody knows' : JSON.stringify(answer);
  return `  ${client} ${begin}-${end === Infinity ? '' : end} ${JSON.stringify(asked)} -> ${came}`;
}
