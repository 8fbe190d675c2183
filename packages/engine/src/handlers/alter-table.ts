import { forbidden, mayAdminister } from '../access/privileges.ts';
import { authorizeReferences, namespaceOf, notFound, placeOf } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import { claimChange, claimCreation, finishClaim, leaveClaim, removeClaimed } from '../catalog/claims.ts';
import { assertTableName, quotedName } from '../catalog/names.ts';
import type { TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import { isInDoubt } from '../executor/run-errors.ts';
import { settled } from '../executor/sql-session.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import { viewsOf } from './drop-tables.ts';
import { already } from './namespaces.ts';
import { runBeside, runOn } from './run-on.ts';

interface Alterable {
  readonly place: AuthorizedPlace;
  readonly record: TableRecord;
}

export const alterTable: StatementHandler<'alter_table', Alterable | undefined> = {
  kinds: ['alter_table'],

  async authorize({ table, references, ifExists, renameTo }, run) {
    if (table.namespace === undefined && run.session.findTemporary(table.name) !== undefined) {
      const message = `${table.name} is a temporary table: drop it and create another one`;
      throw new EngineError({ code: 'unsupported_statement', message });
    }
    const namespace = namespaceOf(run, table);
    const record = await run.engine.catalog.findTable(run.principal.tenantId, namespace, table.name);
    if (record === undefined) {
      if (ifExists) return undefined;
      throw notFound('table', `${namespace}.${table.name}`);
    }
    if (!mayAdminister(run.principal, record)) throw forbidden(`${nameOf(record)} is its owner's or a dba's to alter`);
    if (renameTo !== undefined) assertTableName(renameTo);
    const place = await authorizeReferences(run, references, { target: { namespace, name: table.name } });
    return { place, record };
  },

  async execute({ table, text, renameTo }, run, found) {
    if (found === undefined) return doneOutcome(`there is no table ${table.name}`, 0);
    const { record, place } = found;
    if (renameTo !== undefined) return rename(record, renameTo, run);
    await settled(await runOn(run, place, text));
    return doneOutcome(`${nameOf(record)} is altered`, 1);
  },
};

/**
 * Both names are held while the engine renames. Where that was interrupted, the old name is of a table that is not there
 * and the new one is unfinished: the same statement finishes it.
 */
async function rename(record: TableRecord, name: string, run: StatementRun): Promise<ReturnType<typeof doneOutcome>> {
  const { catalog } = run.engine;
  const { tenantId, namespace } = record;
  const old = await claimChange(catalog, record);
  try {
    const [view] = await viewsOf(old, run);
    if (view !== undefined) {
      const message = `${nameOf(old)} is read by view ${nameOf(view)}: drop it first`;
      throw new EngineError({ code: 'in_use', message });
    }
    const draft: TableRecord = { ...old, ...catalog.first(), name };
    const claim = await claimCreation(catalog, draft, () => catalog.peekTable(tenantId, namespace, name));
    if (claim === undefined) return already('table', `${namespace}.${name}`, false);
    try {
      const what = old.isView ? 'VIEW' : 'TABLE';
      const sql = `ALTER ${what} ${quotedName(old.name)} RENAME TO ${quotedName(name)}`;
      await runBeside(run, await placeOf(run, namespace), [sql]);
    } catch (error) {
      const wasDone = claim.takenOver && error instanceof EngineError && error.code === 'not_found';
      if (!wasDone) {
        const isLeft = claim.takenOver || isInDoubt(error);
        await (isLeft ? leaveClaim(catalog, claim.record) : catalog.remove(claim.record));
        throw error;
      }
    }
    await finishClaim(catalog, claim.record);
  } catch (error) {
    await (isInDoubt(error) ? leaveClaim(catalog, old) : finishClaim(catalog, old));
    throw error;
  }
  await removeClaimed(catalog, old);
  return doneOutcome(`${nameOf(record)} is now ${namespace}.${name}`, 1);
}

function nameOf({ namespace, name }: TableRecord): string {
  return `${namespace}.${name}`;
}
