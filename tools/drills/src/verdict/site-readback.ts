import { setTimeout } from 'node:timers/promises';
import { askPod } from '@mooring/e2e';
import type { Answer, Asked } from '@mooring/e2e';
import type { ServiceProcess } from '@mooring/services';
import { Client } from 'pg';
import { newAddress } from '../load/addresses.ts';
import { ENGINE_TABLE } from '../load/engine.ts';
import { RUNS_TABLE } from '../load/statements.ts';
import type { People } from '../load/world.ts';
import { BUDGET_STATEMENTS } from '../site/site.ts';
import type { Site } from '../site/site.ts';
import type { Readback } from './ledger-verdict.ts';

const TRIES = 30;

/** Reads a site back, through every pod. To be made before the load: budgets are counted from then. */
export async function startReadback(site: Site, people: People): Promise<Readback> {
  const spentBefore = new Map<string, number>();
  for (const { tenantId, token } of people.analysts) spentBefore.set(tenantId, await spentOf(site, token));
  return readbackOf(site, people, spentBefore);
}

function readbackOf(site: Site, people: People, spentBefore: ReadonlyMap<string, number>): Readback {
  const {
    fleets: { auth, query },
    warehouseUrl,
  } = site;
  const tokenOfTenant = (tenantId: string): string =>
    people.analysts.find((analyst) => analyst.tenantId === tenantId)?.token ?? '';
  return {
    statuses: async (token) => {
      const answers = [
        ...auth.pods.map((pod) => patiently(pod, 'GET', '/auth/me', { token })),
        ...query.pods.map((pod) => patiently(pod, 'GET', '/v1/queries?limit=1', { token })),
      ];
      return (await Promise.all(answers)).map(({ status }) => status);
    },
    login: async (username, password) => {
      const asked = { body: { username, password }, headers: { 'x-forwarded-for': newAddress() } };
      return (await patiently(auth.next(), 'POST', '/auth/login', asked)).status;
    },
    runs: () => countRuns(warehouseUrl),
    queryStatuses: async (queryId, tenantId) => {
      const token = tokenOfTenant(tenantId);
      const answers = query.pods.map((pod) => untilOver(pod, `/v1/queries/${queryId}`, token));
      return (await Promise.all(answers)).map(({ status, body }) =>
        status === 200 ? String(body['status']) : `${status}`,
      );
    },
    // The one that asked before is not of the load.
    spent: async (tenantId) => (await spentOf(site, tokenOfTenant(tenantId))) - (spentBefore.get(tenantId) ?? 0) - 1,
  };
}

/** What the budget of the token's tenant has left, less what the query that asks holds back itself. */
async function spentOf({ fleets: { query } }: Site, token: string): Promise<number> {
  const { status, headers, text } = await patiently(query.next(), 'POST', '/v1/queries', {
    token,
    body: { sql: 'select 1' },
  });
  const remaining = /statements=(\d+)/.exec(headers.get('budget-remaining') ?? '')?.[1];
  if (remaining === undefined) throw new Error(`a query was answered ${status} ${text} and says nothing of its budget`);
  return BUDGET_STATEMENTS - Number(remaining) - 1;
}

/** Waits for an end that is still on its way to the store. */
async function untilOver(pod: ServiceProcess, path: string, token: string): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await patiently(pod, 'GET', path, { token });
    const { status } = answer.body;
    if ((status !== 'queued' && status !== 'running') || tries === TRIES) return answer;
    await setTimeout(1000);
  }
}

/** Asks again what was refused for now. */
async function patiently(pod: ServiceProcess, method: string, path: string, asked: Asked): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await askPod(pod, method, path, asked);
    const retryAfter = Number(answer.headers.get('retry-after') ?? 0);
    if (retryAfter === 0 || tries === TRIES) return answer;
    await setTimeout(retryAfter * 1000);
  }
}

async function countRuns(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_name in ($1, $2)`,
      [RUNS_TABLE, ENGINE_TABLE],
    );
    const counts = new Map<string, number>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ id: string; runs: number }>(
        `select id, count(*)::int as runs from ${name} group by id`,
      );
      for (const { id, runs } of rows) counts.set(id, runs);
    }
    return counts;
  } finally {
    await client.end();
  }
}
