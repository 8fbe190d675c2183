import { forbidden, mayAdminister } from '../access/privileges.ts';
import { namespaceOf, notFound, placeOf } from '../access/statement-access.ts';
import { claimDrop, commitDrop, finishClaim, leaveClaim, releaseDrop, removeClaimed } from '../catalog/claims.ts';
import { foldedName, quotedName } from '../catalog/names.ts';
import type { TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import { isInDoubt } from '../executor/run-errors.ts';
import { settled } from '../executor/sql-session.ts';
import type { StatementHandler, StatementOf, StatementRun } from '../executor/statement-handler.ts';
import type { RelationName } from '../sql/statement.ts';
import { runBeside, runOn } from './run-on.ts';

interface Droppable {
  readonly temporaries: readonly string[];
  readonly records: readonly TableRecord[];
}

/**
 * Each table is marked first, from when on no view of it is made; then views of it are looked for, the engine drops it, and
 * its record goes with its grants. The engine gets statements of ours: what is not in the catalog is never dropped.
 */
export const dropTables: StatementHandler<'drop_table' | 'drop_view', Droppable> = {
  kinds: ['drop_table', 'drop_view'],

  async authorize(statement, run) {
    const temporaries = statement.tables.filter((table) => isTemporary(table, run)).map(({ name }) => name);
    const others = statement.tables.filter((table) => !isTemporary(table, run));
    const records = await Promise.all(others.map((table) => droppable(statement, table, run)));
    await Promise.all(temporaries.map((name) => assertNothingElse(name, run)));
    return { temporaries, records: records.filter((record) => record !== undefined) };
  },

  async execute(statement, run, { temporaries, records }) {
    for (const name of temporaries) await dropTemporary(statement, name, run);
    const gone = new Set<string>();
    for (const record of records) await dropRecord(record, run, { cascade: statement.cascade, gone });
    const count = temporaries.length + records.length;
    return doneOutcome(count === 0 ? 'there is nothing to drop' : `${count} dropped`, count);
  },
};

function isTemporary({ namespace, name }: RelationName, { session }: StatementRun): boolean {
  return namespace === undefined && session.findTemporary(name) !== undefined;
}

/** Should the engine have lost the temporary table, the name means the table of the namespace. */
async function assertNothingElse(name: string, run: StatementRun): Promise<void> {
  const namespace = namespaceOf(run, { namespace: undefined, name });
  const record = await run.engine.catalog.peekTable(run.principal.tenantId, namespace, name);
  if (record !== undefined) assertDroppable(record, run);
}

async function droppable(
  { kind, ifExists }: StatementOf<'drop_table' | 'drop_view'>,
  table: RelationName,
  run: StatementRun,
): Promise<TableRecord | undefined> {
  const namespace = namespaceOf(run, table);
  const what = kind === 'drop_view' ? 'view' : 'table';
  const record = await run.engine.catalog.peekTable(run.principal.tenantId, namespace, table.name);
  if (record === undefined) {
    if (ifExists) return undefined;
    throw notFound(what, `${namespace}.${table.name}`);
  }
  assertDroppable(record, run);
  if (record.isView === (what === 'view')) return record;
  const is = record.isView ? 'view' : 'table';
  const message = `${namespace}.${table.name} is a ${is}: DROP ${is.toUpperCase()} drops it`;
  throw new EngineError({ code: 'invalid_argument', message });
}

function assertDroppable(record: TableRecord, { principal }: StatementRun): void {
  if (mayAdminister(principal, record)) return;
  throw forbidden(`${record.namespace}.${record.name} is its owner's or a dba's to drop`);
}

interface Drop {
  readonly cascade: boolean;
  /** What the statement has dropped already: it may name a table twice, and a view may read two that it names. */
  readonly gone: Set<string>;
}

async function dropRecord(record: TableRecord, run: StatementRun, drop: Drop): Promise<void> {
  const { catalog } = run.engine;
  const { cascade, gone } = drop;
  if (gone.has(keyOf(record))) return;
  const closing = await claimDrop(catalog, record);
  try {
    const views = await viewsOf(closing, run);
    if (views.length > 0 && !cascade) throw inUse(closing, views);
    for (const view of views) assertDroppable(view, run);
    for (const view of views) await dropRecord(view, run, drop);
  } catch (error) {
    await releaseDrop(catalog, closing);
    throw error;
  }
  const claim = await commitDrop(catalog, closing);
  try {
    const sql = `DROP ${claim.isView ? 'VIEW' : 'TABLE'} IF EXISTS ${quotedName(claim.name)}`;
    if (!claim.isExternal) await runBeside(run, await placeOf(run, claim.namespace), [sql]);
  } catch (error) {
    if (closing.state === 'closing' && !isInDoubt(error)) await finishClaim(catalog, claim);
    else await leaveClaim(catalog, claim);
    throw error;
  }
  await removeClaimed(catalog, claim);
  gone.add(keyOf(record));
}

/** Neither name has a control character. */
function keyOf({ namespace, name }: TableRecord): string {
  return `${namespace}\t${name}`;
}

export async function viewsOf(
  { tenantId, namespace, name }: TableRecord,
  run: StatementRun,
): Promise<readonly TableRecord[]> {
  const tables = await run.engine.catalog.peekTables(tenantId);
  return tables.filter((table) =>
    table.reads.some(
      (read) => foldedName(read.namespace) === foldedName(namespace) && foldedName(read.name) === foldedName(name),
    ),
  );
}

function inUse({ namespace, name }: TableRecord, views: readonly TableRecord[]): EngineError {
  const names = views.map((view) => `${view.namespace}.${view.name}`).join(', ');
  const message = `${namespace}.${name} is read by view(s) ${names}: drop them first, or CASCADE`;
  return new EngineError({ code: 'in_use', message, facts: { views: views.length } });
}

async function dropTemporary(
  { kind }: StatementOf<'drop_table' | 'drop_view'>,
  name: string,
  run: StatementRun,
): Promise<void> {
  const { session } = run;
  if (session.namespace === undefined) return;
  const place = await placeOf(run, session.namespace);
  await settled(await runOn(run, place, `DROP ${kind === 'drop_view' ? 'VIEW' : 'TABLE'} ${quotedName(name)}`));
  session.removeTemporary(name);
}
