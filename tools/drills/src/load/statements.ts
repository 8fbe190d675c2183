import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Answer } from '@mooring/e2e';
import { ask } from './clients.ts';
import type { StatementEntry } from './ledger.ts';
import type { Caller, World } from './world.ts';

/** Rows of this table are runs of statements. */
export const RUNS_TABLE = 'drill_runs';

/** How often a statement with a key is sent again until it is known what became of it. */
const SENDS = 40;

const RESEND_MS = 250;
/** The limit of a session is for another caller. */
const PAUSE_MS = 150;

const OVER: ReadonlySet<unknown> = new Set(['finished', 'failed', 'cancelled', 'timed_out']);

let turn = 0;

/** Runs a statement in the warehouse, once: what is not answered is not sent again. */
export const STATEMENTS: Caller = {
  name: 'statements',
  async call(world) {
    await setTimeout(PAUSE_MS);
    const [token, entry] = begun(world);
    const answer = await submit(world, token, entry, {});
    return answer !== undefined && (await followed(world, token, entry, answer));
  },
};

/** The same with an Idempotency-Key, sent until it is known what became of it. */
export const KEYED_STATEMENTS: Caller = {
  name: 'statements with a key',
  async call(world) {
    await setTimeout(PAUSE_MS);
    const [token, entry] = begun(world);
    for (let sent = 0; sent < SENDS; sent += 1) {
      const answer = await submit(world, token, entry, { 'idempotency-key': entry.id });
      if (answer !== undefined && (await followed(world, token, entry, answer))) return true;
      if (entry.outcome === 'refused') return false;
      await setTimeout(RESEND_MS);
    }
    return false;
  },
};

function begun({ people, ledger }: World): readonly [token: string, StatementEntry] {
  turn += 1;
  const analyst = people.analysts[turn % people.analysts.length];
  if (analyst === undefined) throw new Error('there is no analyst');
  return [analyst.token, ledger.submitted(randomUUID(), analyst.tenantId)];
}

function submit(
  world: World,
  token: string,
  { id }: StatementEntry,
  headers: Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  const body = { sql: `insert into ${RUNS_TABLE} (id) values (:id)`, parameters: { id } };
  return ask(world, ['query', 'POST', '/v1/queries'], { token, body, headers }, [200, 202]);
}

/** Waits for the end of a query, on whichever pod. Whether it did what it was to do. */
async function followed(world: World, token: string, entry: StatementEntry, answer: Answer): Promise<boolean> {
  let query = answer.body;
  entry.queryId = String(query['id']);
  while (!OVER.has(query['status'])) {
    const path = `/v1/queries/${entry.queryId}?waitSeconds=5`;
    const next = await ask(world, ['query', 'GET', path], { token }, [200]);
    if (next === undefined) return false;
    query = next.body;
  }
  entry.outcome = query['status'] === 'finished' ? 'acknowledged' : 'refused';
  if (entry.outcome === 'refused') world.ledger.answered(`query ${String(query['status'])} ${codeOf(query)}`);
  return entry.outcome === 'acknowledged';
}

function codeOf({ error }: Readonly<Record<string, unknown>>): string {
  return (error as { readonly code?: string } | undefined)?.code ?? '';
}
