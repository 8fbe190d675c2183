import { forbidden, mayAdminister } from '../access/privileges.ts';
import { authorizeReferences, getNamespace, namespaceOf, notFound, placeOf } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import { assertSettled, claimCreation, finishClaim, leaveClaim } from '../catalog/claims.ts';
import { assertTableName, quotedName } from '../catalog/names.ts';
import type { ReadName, TableRecord } from '../catalog/records.ts';
import { isAtLeast } from '../context/role.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import { isInDoubt } from '../executor/run-errors.ts';
import { settled } from '../executor/sql-session.ts';
import type { StatementHandler, StatementOf, StatementRun } from '../executor/statement-handler.ts';
import type { RelationName } from '../sql/statement.ts';
import { SYSTEM_NAMESPACE } from '../system/system-query.ts';
import { already } from './namespaces.ts';
import { runBeside, runOn } from './run-on.ts';

type Creation = StatementOf<'create_table' | 'create_view'>;

export const createTable: StatementHandler<'create_table', AuthorizedPlace> = {
  kinds: ['create_table'],
  authorize: authorizeCreation,

  async execute(statement, run, found) {
    if (statement.temporary) return createTemporary(statement, run, found);
    const { ifNotExists } = statement;
    if (ifNotExists && (await isInStorageAlone(statement.table, run))) return takeUp(statement.table, run);
    const created = await createRelation(statement, run, found, []);
    const { namespace, name } = created;
    return created.isNew
      ? doneOutcome(`table ${namespace}.${name} is created`, 1)
      : already('table', `${namespace}.${name}`, ifNotExists);
  },
};

/** @throws EngineError */
export async function authorizeCreation(statement: Creation, run: StatementRun): Promise<AuthorizedPlace> {
  const { table, references, temporary } = statement;
  assertTableName(table.name);
  if (references.reads.some(({ namespace }) => namespace === SYSTEM_NAMESPACE)) {
    const message = 'tables of the system schema are read by SELECT alone';
    throw new EngineError({ code: 'unsupported_statement', message });
  }
  if (temporary) {
    assertMayBeTemporary(statement, run);
    return authorizeReferences(run, references, { target: { namespace: run.session.namespace, name: table.name } });
  }
  const namespace = await getNamespace(run, namespaceOf(run, table));
  if (!isAtLeast(run.principal.role, 'service') && !mayAdminister(run.principal, namespace)) {
    throw forbidden(
      `tables of namespace ${namespace.name} are made by its owner, or by the role service or a higher one`,
    );
  }
  return authorizeReferences(run, references, { target: { namespace: namespace.name, name: table.name } });
}

/**
 * The name is taken first, then the engine makes the table, then it is shown. A namespace that is dropped at the same time
 * either sees the name or is not seen here any more.
 */
export async function createRelation(
  statement: Creation,
  run: StatementRun,
  found: AuthorizedPlace,
  reads: readonly ReadName[],
): Promise<{ readonly namespace: string; readonly name: string; readonly isNew: boolean }> {
  const { catalog } = run.engine;
  const record = draftOf(statement.table, run, { isView: statement.kind === 'create_view', reads });
  const { tenantId, namespace, name } = record;
  const claim = await claimCreation(catalog, record, () => catalog.peekTable(tenantId, namespace, name));
  if (claim === undefined) return { namespace, name, isNew: false };
  let mayBeMade = claim.takenOver;
  try {
    await assertStillThere(run, namespace, reads);
    await settled(await runOn(run, found, statement.text));
    mayBeMade = true;
    await finishClaim(catalog, claim.record);
  } catch (error) {
    // What may be in the engine keeps its record, so that DROP finds it.
    await (mayBeMade || isInDoubt(error) ? leaveClaim(catalog, claim.record) : catalog.remove(claim.record));
    if (claim.takenOver) throw inTheWay(error, `${namespace}.${name}`);
    throw error;
  }
  return { namespace, name, isNew: true };
}

function inTheWay(error: unknown, name: string): unknown {
  if (!(error instanceof EngineError) || error.code !== 'already_exists') return error;
  const message = `an earlier CREATE of ${name} did not come to its end and left something: DROP it, then create it again`;
  return new EngineError({ code: 'already_exists', message, cause: error });
}

/** Looked at after the name was taken: what a DROP or a RENAME has marked before that is not to be built upon. */
export async function assertStillThere(
  run: StatementRun,
  namespace: string,
  reads: readonly ReadName[],
): Promise<void> {
  const { catalog } = run.engine;
  const { tenantId } = run.principal;
  assertSettled(catalog, await getNamespace(run, namespace));
  for (const read of reads) {
    const table = await catalog.findTable(tenantId, read.namespace, read.name);
    if (table === undefined) throw notFound('table', `${read.namespace}.${read.name}`);
    assertSettled(catalog, table);
  }
}

export async function createTemporary(
  { table, text, references }: Creation,
  run: StatementRun,
  found: AuthorizedPlace,
): Promise<Outcome> {
  const reads = references.reads.map((read) => ({ namespace: namespaceOf(run, read), name: read.name }));
  await settled(await runOn(run, found, text));
  run.session.addTemporary(table.name, reads);
  return doneOutcome(`${table.name} is created, until the session ends`, 1);
}

function assertMayBeTemporary({ table }: Creation, { session }: StatementRun): void {
  if (!session.keepsState) {
    const message =
      'a temporary table ends with its session: create it in one batch with what uses it, or in a session';
    throw new EngineError({ code: 'invalid_argument', message });
  }
  if (table.namespace !== undefined) {
    throw new EngineError({ code: 'invalid_name', message: `a temporary table has no namespace: write ${table.name}` });
  }
  if (session.namespace === undefined) {
    throw new EngineError({ code: 'invalid_argument', message: 'no namespace: name one in the request, or USE one' });
  }
}

/** Whether the engine has it and the catalog has not: something that others made there. */
export async function isInStorageAlone(table: RelationName, run: StatementRun): Promise<boolean> {
  const namespace = namespaceOf(run, table);
  const known = await run.engine.catalog.peekTable(run.principal.tenantId, namespace, table.name);
  if (known !== undefined) return false;
  try {
    await runBeside(run, await placeOf(run, namespace), [`SELECT * FROM ${quotedName(table.name)} LIMIT 0`]);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return false;
    throw error;
  }
}

/**
 * IF NOT EXISTS of what is in the storage and not in the catalog would make whoever asks its owner. So a dba takes up a
 * warehouse's tables, and nobody else.
 */
async function takeUp(table: RelationName, run: StatementRun): Promise<Outcome> {
  const { catalog } = run.engine;
  const record = draftOf(table, run, { isExternal: true });
  const { namespace, name, tenantId } = record;
  if (!isAtLeast(run.principal.role, 'dba')) {
    const message = `${namespace}.${name} is in the storage, not in the catalog: a dba can take it up`;
    throw new EngineError({ code: 'already_exists', message });
  }
  const claim = await claimCreation(catalog, record, () => catalog.peekTable(tenantId, namespace, name));
  if (claim === undefined) return already('table', `${namespace}.${name}`, true);
  try {
    await assertStillThere(run, namespace, []);
    await finishClaim(catalog, claim.record);
  } catch (error) {
    await catalog.remove(claim.record);
    throw error;
  }
  return doneOutcome(`table ${namespace}.${name} is taken up as it is in the storage`, 1);
}

function draftOf(table: RelationName, run: StatementRun, more: Partial<TableRecord>): TableRecord {
  const { tenantId, userId: ownerId } = run.principal;
  const names = { kind: 'table', tenantId, namespace: namespaceOf(run, table), name: table.name } as const;
  const rights = { ownerId, access: 'private', grants: [] } as const;
  return { ...names, isView: false, isExternal: false, ...rights, reads: [], ...more, ...run.engine.catalog.first() };
}
