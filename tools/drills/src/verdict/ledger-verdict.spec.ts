import { expect, it } from '@jest/globals';
import { Ledger } from '../load/ledger.ts';
import { SESSION_LIMIT } from '../load/limit.ts';
import { judgeLedger } from './ledger-verdict.ts';
import type { Readback } from './ledger-verdict.ts';

/** What was acknowledged in a drill in which nothing went wrong. */
function acknowledged(): Ledger {
  const ledger = new Ledger();
  for (const state of ['live', 'dead', 'replaced', 'unsure'] as const) ledger.tokens.set(state, state);
  for (const outcome of ['acknowledged', 'refused', 'unknown'] as const) {
    const entry = ledger.submitted(outcome, 'acme');
    entry.outcome = outcome;
    entry.queryId = `query-${outcome}`;
  }
  ledger.passwords.set('ann', { username: 'ann', current: ['new'], retired: ['old'] });
  for (let request = 0; request < SESSION_LIMIT.requests; request += 1) {
    ledger.admissions.push({ sentAt: request, answeredAt: request + 1 });
  }
  return ledger;
}

const TRUE: Readback = {
  statuses: async (token) => (token === 'live' ? [200, 200, 200, 200] : [401, 401, 401, 401]),
  login: async (_, password) => (password === 'new' ? 200 : 401),
  runs: async () => new Map([['acknowledged', 1]]),
  queryStatuses: async () => ['finished', 'finished'],
  spent: async () => 1,
};

async function failed(ledger: Ledger, lie: Partial<Readback> = {}): Promise<readonly string[]> {
  return (await judgeLedger(ledger, { ...TRUE, ...lie })).filter(({ ok }) => !ok).map(({ name }) => name);
}

it('passes what is there as it was acknowledged, whatever became of what was not', async () => {
  expect(await failed(acknowledged())).toEqual([]);
  const runs = new Map([
    ['acknowledged', 1],
    ['refused', 1],
    ['unknown', 1],
  ]);
  expect(await failed(acknowledged(), { runs: async () => runs })).toEqual([]);
});

it.each<readonly [string, Partial<Readback>, string]>([
  ['a session that is gone', { statuses: async () => [401, 401, 401, 401] }, 'live tokens are good everywhere'],
  [
    'an ended token that one pod takes',
    { statuses: async (token) => (token === 'live' ? [200] : token === 'dead' ? [401, 200] : [401]) },
    'ended tokens are refused everywhere',
  ],
  [
    'a replaced token that is taken',
    { statuses: async (token) => (token === 'dead' ? [401] : [200]) },
    'replaced tokens are refused everywhere',
  ],
  ['a password that is gone', { login: async () => 401 }, 'passwords are the last ones'],
  ['a password that came back', { login: async () => 200 }, 'passwords are the last ones'],
  ['a statement that did not run', { runs: async () => new Map() }, 'acknowledged statements ran'],
  [
    'a statement that ran twice, though nobody was told that it ran',
    { runs: async () => new Map([['acknowledged', 1]]).set('unknown', 2) },
    'no statement ran twice',
  ],
  ['a query that is forgotten', { queryStatuses: async () => ['finished', '404'] }, 'finished queries are kept'],
  ['a budget that forgot', { spent: async () => 0 }, 'budgets add up'],
])('finds %s', async (_, lie, line) => {
  expect(await failed(acknowledged(), lie)).toEqual([line]);
});

it('finds one request more than the limit, and only where there can be no doubt', async () => {
  const ledger = acknowledged();
  const windowMs = SESSION_LIMIT.windowSeconds * 1000;
  ledger.admissions.push({ sentAt: 500, answeredAt: windowMs });
  expect(await failed(ledger)).toEqual([]);
  ledger.admissions.push({ sentAt: 600, answeredAt: 601 });
  expect(await failed(ledger)).toEqual(['limit is exact']);
});

it('finds an answer that no document has', async () => {
  const ledger = acknowledged();
  ledger.faults.push('GET /auth/me was answered 500');
  expect(await failed(ledger)).toEqual(['answers are documented']);
});
