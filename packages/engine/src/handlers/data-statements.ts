import { authorizeReferences } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import { engineOutcome } from '../executor/outcome.ts';
import type { StatementHandler } from '../executor/statement-handler.ts';
import { SYSTEM_NAMESPACE, authorizeSystemQuery } from '../system/system-query.ts';
import type { SystemQuery } from '../system/system-query.ts';
import { runOn } from './run-on.ts';

type Kind = 'select' | 'insert' | 'update' | 'delete' | 'merge' | 'explain';

/** SELECT, INSERT, UPDATE, DELETE, MERGE and EXPLAIN, which an engine runs as they stand; SELECT of `system` we do. */
export const dataStatements: StatementHandler<Kind, AuthorizedPlace | SystemQuery> = {
  kinds: ['select', 'insert', 'update', 'delete', 'merge', 'explain'],

  async authorize(statement, run) {
    const { reads, writes } = statement.references;
    const isOfSystem = [...reads, ...writes].some(({ namespace }) => namespace === SYSTEM_NAMESPACE);
    return isOfSystem ? authorizeSystemQuery(statement, run) : authorizeReferences(run, statement.references);
  },

  async execute({ text }, run, found) {
    if ('table' in found) return found.rows();
    return engineOutcome(await runOn(run, found, text, run.parameters));
  },
};
