import { maySee, mayUse } from '../access/privileges.ts';
import { placeOf } from '../access/statement-access.ts';
import { quotedName } from '../catalog/names.ts';
import type { TableRecord } from '../catalog/records.ts';
import { isAtLeast } from '../context/role.ts';
import { EngineError } from '../errors.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import { requestOf } from '../handlers/run-on.ts';
import type { Column, Row } from '../values.ts';
import { columnsFrom, timeText } from './system-table.ts';
import type { Equalities, SystemTable } from './system-table.ts';

const TIME = 'TIMESTAMP WITH TIME ZONE';

export const usersTable: SystemTable = {
  name: 'users',
  columns: columnsFrom('user_id', 'name', 'role', 'disabled BOOLEAN', `created_at ${TIME}`, `updated_at ${TIME}`),

  async rows({ engine, principal }) {
    const users = await engine.users.list(principal.tenantId);
    return users
      .filter(({ tenantId }) => tenantId === principal.tenantId)
      .filter(({ userId }) => isAtLeast(principal.role, 'dba') || userId === principal.userId)
      .map(({ userId, name, role, disabled, createdAt, updatedAt }) => [
        userId,
        name,
        role,
        disabled,
        timeText(createdAt),
        timeText(updatedAt),
      ]);
  },
};

export const namespacesTable: SystemTable = {
  name: 'namespaces',
  columns: columnsFrom('name', 'storage', 'owner_id', 'description', `created_at ${TIME}`, `updated_at ${TIME}`),

  async rows({ engine, principal }) {
    const namespaces = await engine.catalog.listNamespaces(principal.tenantId);
    return namespaces.map(({ name, storage, ownerId, description, createdAt, updatedAt }) => [
      name,
      storage,
      ownerId,
      description,
      timeText(createdAt),
      timeText(updatedAt),
    ]);
  },
};

export const storagesTable: SystemTable = {
  name: 'storages',
  columns: columnsFrom('name', 'type', 'description', 'options JSON', `created_at ${TIME}`, `updated_at ${TIME}`),

  async rows({ engine, principal }) {
    if (!isAtLeast(principal.role, 'dba')) return [];
    const storages = await engine.catalog.listStorages(principal.tenantId);
    return storages.map(({ name, type, description, options, createdAt, updatedAt }) => [
      name,
      type,
      description,
      JSON.stringify(options),
      timeText(createdAt),
      timeText(updatedAt),
    ]);
  },
};

export const tablesTable: SystemTable = {
  name: 'tables',
  columns: columnsFrom('namespace', 'name', 'kind', 'owner_id', 'access', `created_at ${TIME}`, `updated_at ${TIME}`),

  async rows(run, equal) {
    const tables = await seenTables(run, equal);
    return tables.map(({ namespace, name, isView, ownerId, access, createdAt, updatedAt }) => [
      namespace,
      name,
      isView ? 'view' : 'table',
      ownerId,
      access,
      timeText(createdAt),
      timeText(updatedAt),
    ]);
  },
};

/** Asked of the engines, table by table, of those that the caller may read. */
export const columnsTable: SystemTable = {
  name: 'columns',
  columns: columnsFrom('namespace', 'table_name', 'position INTEGER', 'name', 'type'),

  async rows(run, equal) {
    const wanted = equal.get('table_name');
    const tables = (await seenTables(run, equal)).filter(
      (table) => mayUse(run.principal, table, 'select') && (wanted === undefined || table.name === wanted),
    );
    const namespaces = new Set(tables.map(({ namespace }) => namespace));
    const found: Row[] = [];
    for (const namespace of namespaces) {
      const inside = tables.filter((table) => table.namespace === namespace);
      for (const [index, columns] of (await columnsOf(run, namespace, inside)).entries()) {
        const table = inside[index]?.name ?? '';
        found.push(...columns.map(({ name, type }, position) => [namespace, table, position + 1, name, type]));
      }
    }
    return found;
  },
};

async function seenTables({ engine, principal }: StatementRun, equal: Equalities): Promise<readonly TableRecord[]> {
  const namespace = equal.get('namespace');
  const tables = await engine.catalog.listTables(
    principal.tenantId,
    typeof namespace === 'string' ? namespace : undefined,
  );
  return tables.filter((table) => maySee(principal, table));
}

async function columnsOf(
  run: StatementRun,
  namespace: string,
  tables: readonly TableRecord[],
): Promise<readonly (readonly Column[])[]> {
  const { engine, place } = await placeOf(run, namespace);
  const connection = await engine.connect(place);
  const found: (readonly Column[])[] = [];
  try {
    for (const { name } of tables) {
      const sql = `SELECT * FROM ${quotedName(name)} LIMIT 0`;
      try {
        const result = await connection.run({ ...requestOf(run), sql });
        await result.close();
        found.push(result.columns);
      } catch (error) {
        if (!(error instanceof EngineError) || !GONE.has(error.code)) throw error;
        found.push([]);
      }
    }
  } finally {
    await connection.close();
  }
  return found;
}

/** A table that was dropped meanwhile, or a view of something that was. */
const GONE: ReadonlySet<EngineError['code']> = new Set<EngineError['code']>(['not_found', 'execution_failed']);
