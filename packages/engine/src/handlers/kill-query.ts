import { notFound } from '../access/statement-access.ts';
import { isAtLeast } from '../context/role.ts';
import type { RunningQuery } from '../context/running-queries.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { StatementHandler } from '../executor/statement-handler.ts';

/** KILL QUERY: one's own, and all of the tenant's for a dba. Others' don't exist. */
export const killQuery: StatementHandler<'kill_query', RunningQuery> = {
  kinds: ['kill_query'],

  async authorize({ id }, { engine, principal }) {
    const query = engine.queries.find(principal.tenantId, id);
    const isTheirs = query?.start.principal.userId === principal.userId && principal.role !== 'anonymous';
    if (query === undefined || (!isTheirs && !isAtLeast(principal.role, 'dba'))) throw notFound('query', id);
    return query;
  },

  async execute({ id }, _, query) {
    query.cancel('the statement was ended by KILL QUERY');
    return doneOutcome(`query ${id} is being ended`, 1);
  },
};
