import { assertRole, maySee } from '../access/privileges.ts';
import { authorizeReferences, getNamespace } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import { quotedName } from '../catalog/names.ts';
import { EngineError } from '../errors.ts';
import { rowsOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import type { RelationName } from '../sql/statement.ts';
import { SYSTEM_NAMESPACE } from '../system/system-query.ts';
import { runOn } from './run-on.ts';
import type { Column, Row } from '../values.ts';

/** SHOW NAMESPACES and SHOW STORAGES: those of the `system` schema, without the times. */
export const showCatalog: StatementHandler<'show_namespaces' | 'show_storages', void> = {
  kinds: ['show_namespaces', 'show_storages'],

  async authorize({ kind }, { principal }) {
    if (kind === 'show_namespaces') assertRole(principal, 'user', 'SHOW NAMESPACES');
    else assertRole(principal, 'dba', 'SHOW STORAGES');
  },

  async execute({ kind }, { engine, principal }) {
    const { tenantId } = principal;
    if (kind === 'show_namespaces') {
      const namespaces = await engine.catalog.listNamespaces(tenantId);
      return shownRows(
        ['name', 'storage', 'description'],
        namespaces.map(({ name, storage, description }) => [name, storage, description]),
      );
    }
    const storages = await engine.catalog.listStorages(tenantId);
    return shownRows(
      ['name', 'type', 'description'],
      storages.map(({ name, type, description }) => [name, type, description]),
    );
  },
};

/** Tables and views of a namespace that the caller may use in some way. */
export const showTables: StatementHandler<'show_tables', string> = {
  kinds: ['show_tables'],

  async authorize({ namespace }, run) {
    const wanted = namespace ?? run.session.namespace;
    if (wanted === SYSTEM_NAMESPACE) {
      assertRole(run.principal, 'user', 'the system schema');
      return wanted;
    }
    if (wanted !== undefined) return (await getNamespace(run, wanted)).name;
    const message = 'SHOW TABLES of which namespace? Name one: SHOW TABLES IN n';
    throw new EngineError({ code: 'invalid_argument', message });
  },

  async execute(_, { engine, principal }, namespace) {
    const columns = ['name', 'kind', 'access'];
    if (namespace === SYSTEM_NAMESPACE) {
      return shownRows(
        columns,
        engine.system.tables.map(({ name }) => [name, 'system', 'restricted']),
      );
    }
    const tables = await engine.catalog.listTables(principal.tenantId, namespace);
    const seen = tables.filter((table) => maySee(principal, table));
    return shownRows(
      columns,
      seen.map(({ name, isView, access }) => [name, isView ? 'view' : 'table', access]),
    );
  },
};

type FoundColumns = AuthorizedPlace | { readonly columns: readonly Column[] };

/** The columns of a table that the caller may read, as its engine has them. */
export const describeTable: StatementHandler<'describe_table', FoundColumns> = {
  kinds: ['describe_table'],

  async authorize({ table }, run) {
    if (table.namespace === SYSTEM_NAMESPACE) {
      assertRole(run.principal, 'user', 'the system schema');
      return { columns: run.engine.system.get(table.name).columns };
    }
    return authorizeReferences(run, { reads: [table], writes: [], functions: [], parameterCount: 0 });
  },

  async execute({ table }, run, found) {
    const columns = 'columns' in found ? found.columns : await columnsOf(table, run, found);
    return shownRows(
      ['name', 'type'],
      columns.map(({ name, type }) => [name, type]),
    );
  },
};

async function columnsOf({ namespace, name }: RelationName, run: StatementRun, place: AuthorizedPlace) {
  const qualified = namespace === undefined ? quotedName(name) : `${quotedName(namespace)}.${quotedName(name)}`;
  const result = await runOn(run, place, `SELECT * FROM ${qualified} LIMIT 0`);
  await result.close();
  return result.columns;
}

function shownRows(names: readonly string[], rows: readonly Row[]): Outcome {
  return rowsOutcome(
    names.map((name) => ({ name, type: 'VARCHAR' })),
    rows,
  );
}
