import { afterEach, expect, it } from '@jest/globals';
import { Metrics } from '@mooring/nest-runtime';
import { openStore } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { Logger } from '@nestjs/common';
import { readConfig } from '../config.ts';
import { QueryBudget } from './query-budget.ts';

const ANN = { tenantId: 'acme', userId: 'ann', role: 'user' } as const;

let store: StoreBackend;
afterEach(() => store.close());

it('says which budget refused, also where the others can not be given back', async () => {
  Logger.overrideLogger(false);
  const log = { log: () => undefined, warn: () => undefined };
  store = (await openStore({ backend: 'memory', namespace: 'pool' }, log)).backend;
  const { config } = readConfig({ MOORING_BUDGET_STATEMENTS_PER_DAY: '10', MOORING_BUDGET_SECONDS_PER_DAY: '5' });
  const budget = new QueryBudget(config, store.budgets, new Metrics('test'));
  store.budgets.release = async () => {
    throw new StoreError({ code: 'unavailable', backend: 'memory', operation: 'release', message: 'it is away' });
  };
  const held = budget.holdMost(ANN, 'a', { statements: 1, seconds: 6, rows: 0 }, 1000);
  await expect(held).rejects.toMatchObject({ code: 'budget_exceeded' });
});
