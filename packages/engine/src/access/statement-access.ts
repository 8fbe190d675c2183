import { shown } from '../catalog/names.ts';
import type { NamespaceRecord, Privilege, StorageRecord, TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import type { EnginePlace, QueryEngine } from '../query-engine.ts';
import type { References, RelationName } from '../sql/statement.ts';
import { forbidden, mayUse } from './privileges.ts';
import { assertViewReadable } from './view-access.ts';

/** Where a statement runs, and what the names in it are. */
export interface AuthorizedPlace {
  readonly engine: QueryEngine;
  readonly place: EnginePlace;
}

interface Use extends RelationName {
  readonly privilege: Privilege;
}

/** Where something is that a statement makes, without being there yet. */
export interface AccessOptions {
  readonly target?: RelationName;
}

/**
 * Checks all that a statement reads, writes and calls against what the principal may, and finds the engine that runs it.
 * Unqualified names are of the session's temporary tables, then of its namespace.
 *
 * @throws EngineError `not_found`, `forbidden`, `invalid_argument` without a namespace, `unsupported_statement` across engines
 */
export async function authorizeReferences(
  run: StatementRun,
  references: References,
  { target }: AccessOptions = {},
): Promise<AuthorizedPlace> {
  const uses = usesOf(references);
  // Asked for together, so that the catalog may answer at once; a namespace that is not there is said first.
  const finding = findNamespaces(run, target === undefined ? uses : [...uses, target]);
  const authorizing = Promise.all(uses.map((use) => authorizeUse(run, use)));
  authorizing.catch(() => {});
  const namespaces = await finding;
  await authorizing;
  const found = await placeIn(run, namespaces);
  for (const name of references.functions) {
    if (!found.engine.allowsFunction(name)) throw forbidden(`the function ${shown(name)} may not be called here`);
  }
  return found;
}

/** The place of one namespace alone. @throws EngineError `not_found` */
export async function placeOf(run: StatementRun, namespace: string): Promise<AuthorizedPlace> {
  return placeIn(run, [await getNamespace(run, namespace)]);
}

/** @throws EngineError `not_found` */
export async function getNamespace(run: StatementRun, name: string): Promise<NamespaceRecord> {
  const found = await run.engine.catalog.findNamespace(run.principal.tenantId, name);
  if (found === undefined) throw notFound('namespace', name);
  return found;
}

/** The namespace of a name, the session's where it has none. @throws EngineError `invalid_argument` */
export function namespaceOf(run: StatementRun, relation: RelationName): string {
  const namespace = relation.namespace ?? run.session.namespace;
  if (namespace !== undefined) return namespace;
  const message = `${shown(relation.name)} has no namespace: name one in the request, or write namespace.table`;
  throw new EngineError({ code: 'invalid_argument', message });
}

export function notFound(what: string, name: string): EngineError {
  return new EngineError({ code: 'not_found', message: `there is no ${what} ${shown(name)}` });
}

function usesOf({ reads, writes }: References): readonly Use[] {
  const uses = new Map<string, Use>();
  const add = ({ namespace, name }: RelationName, privilege: Privilege): void => {
    uses.set(JSON.stringify([namespace, name, privilege]), { namespace, name, privilege });
  };
  for (const read of reads) add(read, 'select');
  for (const write of writes) add(write, write.privilege);
  return [...uses.values()];
}

async function authorizeUse(run: StatementRun, use: Use): Promise<void> {
  const temporary = use.namespace === undefined ? run.session.findTemporary(use.name) : undefined;
  const namespace = namespaceOf(run, use);
  const table = await run.engine.catalog.findTable(run.principal.tenantId, namespace, use.name);
  if (temporary !== undefined) {
    // Should the engine have lost the temporary table, the name means the table of the namespace: both must be allowed.
    if (table !== undefined) await authorizeTable(run, table, use.privilege);
    await Promise.all(temporary.map((read) => authorizeUse(run, { ...read, privilege: 'select' })));
    return;
  }
  if (table === undefined) throw notFound('table', `${namespace}.${use.name}`);
  await authorizeTable(run, table, use.privilege);
}

async function authorizeTable(run: StatementRun, table: TableRecord, privilege: Privilege): Promise<void> {
  if (!mayUse(run.principal, table, privilege)) {
    const message = `${privilege} of ${table.namespace}.${table.name} is not granted: its owner or a dba can GRANT it`;
    throw forbidden(message);
  }
  if (table.isView) await assertViewReadable(run, table);
}

async function findNamespaces(
  run: StatementRun,
  relations: readonly RelationName[],
): Promise<readonly NamespaceRecord[]> {
  const names = new Set<string>();
  if (run.session.namespace !== undefined) names.add(run.session.namespace);
  for (const relation of relations) if (relation.namespace !== undefined) names.add(relation.namespace);
  return Promise.all([...names].map((name) => getNamespace(run, name)));
}

/** The first namespace is where the connection is. */
async function placeIn(run: StatementRun, namespaces: readonly NamespaceRecord[]): Promise<AuthorizedPlace> {
  const [first] = namespaces;
  if (first === undefined) {
    const message = 'the statement has no namespace to run in: name one in the request, or USE one in the session';
    throw new EngineError({ code: 'invalid_argument', message });
  }
  const storages = await Promise.all(namespaces.map((namespace) => storageOf(run, namespace)));
  const storage = storages[0] as StorageRecord;
  const engine = run.engine.engineOf(storage);
  for (const [index, other] of storages.entries()) {
    if (other.name === storage.name || (engine.spansStorages && run.engine.engineOf(other) === engine)) continue;
    const second = namespaces[index] as NamespaceRecord;
    const message = `${first.name} is in storage ${storage.name}, ${second.name} in ${other.name}: no statement can use both`;
    throw new EngineError({ code: 'unsupported_statement', message });
  }
  return { engine, place: { principal: run.principal, namespace: first, storage } };
}

/** @throws EngineError `unavailable` if the storage is gone */
export async function storageOf(run: StatementRun, namespace: NamespaceRecord): Promise<StorageRecord> {
  const storage = await run.engine.catalog.findStorage(namespace.tenantId, namespace.storage);
  if (storage !== undefined) return storage;
  const message = `the storage ${namespace.storage} of namespace ${namespace.name} is not there`;
  throw new EngineError({ code: 'unavailable', message });
}
