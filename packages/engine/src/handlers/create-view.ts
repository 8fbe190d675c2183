import { forbidden, mayAdminister } from '../access/privileges.ts';
import { namespaceOf } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import { claimChange, finishClaim, leaveClaim } from '../catalog/claims.ts';
import { foldedName } from '../catalog/names.ts';
import type { ReadName, TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import { isInDoubt } from '../executor/run-errors.ts';
import { settled } from '../executor/sql-session.ts';
import type { StatementHandler, StatementOf, StatementRun } from '../executor/statement-handler.ts';
import {
  assertStillThere,
  authorizeCreation,
  createRelation,
  createTemporary,
  isInStorageAlone,
} from './create-table.ts';
import { already } from './namespaces.ts';
import { runOn } from './run-on.ts';

export const createView: StatementHandler<'create_view', AuthorizedPlace> = {
  kinds: ['create_view'],

  async authorize(statement, run) {
    const found = await authorizeCreation(statement, run);
    if (!statement.temporary) {
      assertNoTemporary(statement, run);
      assertUnambiguous(statement, run);
    }
    return found;
  },

  async execute(statement, run, found) {
    if (statement.temporary) return createTemporary(statement, run, found);
    const reads = readsOf(statement, run);
    if (statement.orReplace && (await isInStorageAlone(statement.table, run))) {
      const message = `${namespaceOf(run, statement.table)}.${statement.table.name} is in the storage, not in the catalog: it is not replaced`;
      throw new EngineError({ code: 'already_exists', message });
    }
    const { namespace, name, isNew } = await createRelation(statement, run, found, reads);
    if (isNew) return doneOutcome(`view ${namespace}.${name} is created`, 1);
    if (!statement.orReplace) return already('view', `${namespace}.${name}`, false);
    return replaceView(statement, run, found, reads);
  },
};

/** While it is being replaced, a view counts as reading both what it read and what it will read. */
async function replaceView(
  { table, text }: StatementOf<'create_view'>,
  run: StatementRun,
  found: AuthorizedPlace,
  reads: readonly ReadName[],
): Promise<Outcome> {
  const { catalog } = run.engine;
  const namespace = namespaceOf(run, table);
  const current = await catalog.findTable(run.principal.tenantId, namespace, table.name);
  if (current === undefined) {
    const message = `view ${namespace}.${table.name} was dropped meanwhile: try again`;
    throw new EngineError({ code: 'conflict', message, retryable: true });
  }
  assertReplaceable(current, run);
  assertReadsOthers(current, reads);
  const claim = await claimChange(catalog, current, { reads: [...current.reads, ...reads] });
  try {
    await assertStillThere(run, namespace, reads);
    await settled(await runOn(run, found, text));
  } catch (error) {
    if (isInDoubt(error)) await leaveClaim(catalog, claim);
    else await finishClaim(catalog, claim, { reads: current.reads });
    throw error;
  }
  await finishClaim(catalog, claim, { reads });
  return doneOutcome(`view ${namespace}.${table.name} is replaced`, 1);
}

function assertReplaceable(current: TableRecord, { principal }: StatementRun): void {
  const name = `${current.namespace}.${current.name}`;
  if (!current.isView) throw new EngineError({ code: 'already_exists', message: `${name} is a table, not a view` });
  if (!mayAdminister(principal, current)) throw forbidden(`view ${name} is its owner's or a dba's to replace`);
}

function assertReadsOthers({ namespace, name }: TableRecord, reads: readonly ReadName[]): void {
  if (!reads.some((read) => foldedName(read.namespace) === namespace && foldedName(read.name) === foldedName(name)))
    return;
  const message = `view ${namespace}.${name} would read itself: name what it is to read`;
  throw new EngineError({ code: 'invalid_argument', message });
}

function assertNoTemporary({ references }: StatementOf<'create_view'>, { session }: StatementRun): void {
  for (const { namespace, name } of references.reads) {
    if (namespace !== undefined || session.findTemporary(name) === undefined) continue;
    const message = `${name} is a temporary table, which the view would outlive: CREATE TEMPORARY VIEW instead`;
    throw new EngineError({ code: 'invalid_argument', message });
  }
}

/** Engines differ in where a view's names without a namespace belong: where the view is, or where it was made. */
function assertUnambiguous({ table, references }: StatementOf<'create_view'>, run: StatementRun): void {
  const unqualified = references.reads.find(({ namespace }) => namespace === undefined);
  const namespace = namespaceOf(run, table);
  if (unqualified === undefined || foldedName(namespace) === foldedName(run.session.namespace ?? '')) return;
  const message = `the view is in ${namespace}, not in the namespace of the request: write namespace.${unqualified.name}`;
  throw new EngineError({ code: 'invalid_argument', message });
}

function readsOf({ references }: StatementOf<'create_view'>, run: StatementRun): readonly ReadName[] {
  return references.reads.map((read) => ({ namespace: namespaceOf(run, read), name: read.name }));
}
