import { notFound } from '../access/statement-access.ts';
import { isAtLeast } from '../context/role.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';

type End = () => Promise<void>;

/** KILL QUERY: one's own, and all of the tenant's for a dba, whichever process runs it. Others' don't exist. */
export const killQuery: StatementHandler<'kill_query', End> = {
  kinds: ['kill_query'],

  async authorize({ id }, run) {
    const { role } = run.principal;
    const end = role === 'anonymous' ? undefined : (endHere(run, id) ?? (await endElsewhere(run, id)));
    if (end === undefined) throw notFound('query', id);
    return end;
  },

  async execute({ id }, _, end) {
    await end();
    return doneOutcome(`query ${id} is being ended`, 1);
  },
};

function endHere({ engine, principal }: StatementRun, id: string): End | undefined {
  const query = engine.queries.find(principal.tenantId, id);
  const isTheirs = query?.start.principal.userId === principal.userId || isAtLeast(principal.role, 'dba');
  if (query === undefined || !isTheirs) return undefined;
  return async () => query.cancel('the statement was ended by KILL QUERY');
}

async function endElsewhere({ engine, principal }: StatementRun, id: string): Promise<End | undefined> {
  const { recordedQueries } = engine;
  const found = (await recordedQueries?.list(principal))?.find(({ record }) => record.queryId === id);
  return found === undefined ? undefined : async () => recordedQueries?.end(found);
}
