import assert from 'node:assert/strict';
import type { AttemptKey, StoreBackend } from '@mooring/session-store';
import type { Checks, Trial } from '../harness.ts';

/** Milliseconds to wait, cost, id, then the answer: allowed, remaining, retry after, free again in. */
const LIMIT_SCRIPT = `
     0 1 -  | yes 2    0 1000
   100 1 -  | yes 1    0 1000
   100 2 -  | no  1  800  900
     0 1 a  | yes 0    0 1000
     0 1 a  | yes 0    0 1000
     0 1 -  | no  0  800 1000
   799 1 -  | no  0    1  201
     1 1 -  | yes 0    0 1000
    99 1 -  | no  0    1  901
     1 1 a  | yes 0    0  100
   101 3 -  | no  2  799  799
     0 2 b  | yes 0    0 1000
   798 1 -  | no  0    1  202
     1 1 c  | yes 0    0 1000
   201 2 b  | yes 0    0 1000
  1000 3 -  | yes 0    0 1000
   999 1 -  | no  0    1    1
     1 3 -  | yes 0    0 1000
`;

/** Milliseconds to wait, f(ailure), s(uccess) or c(heck), id; then allowed, retry after, failures of account and ip. */
const ATTEMPT_SCRIPT = `
     0 f a | yes    0 1 1
     0 f a | yes    0 1 1
   400 f - | yes    0 2 2
   600 f - | yes    0 2 2
   100 f - | no  2000 3 3
  1999 c - | no     1 0 0
     1 f - | yes    0 1 1
     1 f - | yes    0 2 2
     1 f - | no  5000 3 3
    10 s - | yes    0 0 3
     0 f - | yes    0 1 4
     0 f - | no  9000 2 5
  8999 c - | no     1 0 0
     1 c - | yes    0 0 0
`;

function stepsOf(script: string): (readonly [step: readonly string[], answer: string])[] {
  return script
    .trim()
    .split('\n')
    .map((line) => {
      const [step = '', answer = ''] = line.split('|').map((half) => half.trim().replace(/ +/g, ' '));
      return [step.split(' '), answer] as const;
    });
}

/** Plays a script, each step on the other client, and compares the answers as written. */
async function play(
  { clock, store, second }: Trial,
  script: string,
  call: (client: StoreBackend, step: readonly string[]) => Promise<string>,
): Promise<void> {
  const expected: string[] = [];
  const seen: string[] = [];
  for (const [index, [step, answer]] of stepsOf(script).entries()) {
    await clock.advance(Number(step[0]));
    const name = `${index + 1}. ${step.join(' ')} |`;
    seen.push(`${name} ${await call(index % 2 === 0 ? store : second, step)}`);
    expected.push(`${name} ${answer}`);
  }
  assert.deepEqual(seen, expected);
}

const yesOrNo = (allowed: boolean): string => (allowed ? 'yes' : 'no');

export const sameAnswers: Checks = {
  'L-05: one script of calls gets the same decisions from every store': async (trial) => {
    const key = { tenantId: 'acme', name: 'n' };
    const rule = { limit: 3, windowMs: 1000 };
    await play(trial, LIMIT_SCRIPT, async ({ limits }, [, cost, id = '-']) => {
      const options = { cost: Number(cost), ...(id === '-' ? {} : { id }) };
      const { allowed, remaining, retryAfterMs, resetAt } = await limits.consume(key, rule, options);
      return `${yesOrNo(allowed)} ${remaining} ${retryAfterMs} ${resetAt - trial.clock.now()}`;
    });
  },

  'L-05: one script of failures gets the same verdicts from every store': async (trial) => {
    const policy = { limit: 3, windowMs: 1000, lockStepsMs: [2000, 5000], resetAfterMs: 60_000 };
    const account: AttemptKey = { scope: 'account', value: 'ann', policy };
    const ip: AttemptKey = { scope: 'ip', value: '192.0.2.1', policy: { ...policy, limit: 5, lockStepsMs: [9000] } };
    await play(trial, ATTEMPT_SCRIPT, async ({ attempts }, [, kind, id = '-']) => {
      const keys = [account, ip];
      if (kind === 's') await attempts.recordSuccess('acme', keys);
      const verdict =
        kind === 'f'
          ? await attempts.recordFailure('acme', keys, id === '-' ? {} : { id })
          : await attempts.check('acme', keys);
      const failures = verdict.states.map((state) => state.failures).join(' ');
      return `${yesOrNo(verdict.allowed)} ${verdict.retryAfterMs} ${failures}`;
    });
  },
};
