import { assertRole, forbidden, mayAdminister } from '../access/privileges.ts';
import { notFound, storageOf } from '../access/statement-access.ts';
import type { AuthorizedPlace } from '../access/statement-access.ts';
import {
  changeRecord,
  claimCreation,
  claimDrop,
  commitDrop,
  finishClaim,
  leaveClaim,
  releaseDrop,
  removeClaimed,
} from '../catalog/claims.ts';
import { assertPlainName } from '../catalog/names.ts';
import type { NamespaceRecord, StorageRecord, TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import { getUser } from './get-user.ts';

/**
 * The name is taken first, then the engine makes its part, then the namespace is shown. A storage that is dropped at the
 * same time either sees the name or is not seen here any more.
 */
export const createNamespace: StatementHandler<'create_namespace', StorageRecord> = {
  kinds: ['create_namespace'],

  async authorize({ name, storage }, run) {
    assertRole(run.principal, 'dba', 'CREATE NAMESPACE');
    assertPlainName('namespace', name);
    return getStorage(run, storage);
  },

  async execute({ name, ifNotExists, description = '' }, run, storage) {
    const { catalog } = run.engine;
    const { tenantId, userId: ownerId } = run.principal;
    const draft = { kind: 'namespace', tenantId, name, storage: storage.name, ownerId, description } as const;
    const record: NamespaceRecord = { ...draft, ...catalog.first() };
    const claim = await claimCreation(catalog, record, () => catalog.peekNamespace(tenantId, name));
    if (claim === undefined) return already('namespace', name, ifNotExists);
    try {
      const engine = run.engine.engineOf(await getStorage(run, storage.name));
      await engine.createNamespace({ principal: run.principal, namespace: claim.record, storage });
    } catch (error) {
      await catalog.remove(claim.record);
      throw error;
    }
    await finishClaim(catalog, claim.record);
    return doneOutcome(`namespace ${name} is created`, 1);
  },
};

/** ALTER NAMESPACE: the description by its owner, the owner by a dba. */
export const alterNamespace: StatementHandler<'alter_namespace', NamespaceRecord> = {
  kinds: ['alter_namespace'],

  async authorize({ name, owner }, run) {
    const found = await run.engine.catalog.findNamespace(run.principal.tenantId, name);
    if (found === undefined) throw notFound('namespace', name);
    if (owner !== undefined) assertRole(run.principal, 'dba', 'ALTER NAMESPACE … OWNER');
    assertAdministers(run, found);
    return found;
  },

  async execute({ description, owner }, run, found) {
    const user = owner === undefined ? undefined : await getUser(run, owner);
    await changeRecord(run.engine.catalog, found, {
      ...(description === undefined ? {} : { description }),
      ...(user === undefined ? {} : { ownerId: user.userId }),
    });
    return doneOutcome(`namespace ${found.name} is changed`, 1);
  },
};

/**
 * The namespace is marked first: from then on no table is made in it. Then its tables are looked for and taken, so that
 * nobody changes them, and the engine drops its part before the records go: a DROP that was interrupted can be repeated.
 */
export const dropNamespace: StatementHandler<'drop_namespace', NamespaceRecord | undefined> = {
  kinds: ['drop_namespace'],

  async authorize({ name, ifExists }, run) {
    const found = await run.engine.catalog.peekNamespace(run.principal.tenantId, name);
    if (found === undefined) {
      if (ifExists) return undefined;
      throw notFound('namespace', name);
    }
    assertAdministers(run, found);
    return found;
  },

  async execute({ name, cascade }, run, found) {
    if (found === undefined) return doneOutcome(`there is no namespace ${name}`, 0);
    const { catalog } = run.engine;
    const closing = await claimDrop(catalog, found);
    const claims: TableRecord[] = [];
    try {
      const tables = await catalog.peekTables(closing.tenantId, closing.name);
      if (tables.length > 0 && (!cascade || tables.some(({ isExternal }) => isExternal))) throw inUse(closing, tables);
      for (const table of tables) claims.push(await claimDrop(catalog, table));
    } catch (error) {
      for (const claim of claims) await releaseDrop(catalog, claim);
      await releaseDrop(catalog, closing);
      throw error;
    }
    const claim = await commitDrop(catalog, closing);
    try {
      const { engine, place } = await placeOfDropped(run, claim);
      await engine.dropNamespace(place);
    } catch (error) {
      for (const left of [...claims, claim]) await leaveClaim(catalog, left);
      throw error;
    }
    for (const table of claims) await removeClaimed(catalog, table);
    await removeClaimed(catalog, claim);
    return doneOutcome(`namespace ${name} is dropped`, 1);
  },
};

/** What was in the storage before it was in the catalog is not dropped along with a namespace. */
function inUse({ name }: NamespaceRecord, tables: readonly TableRecord[]): EngineError {
  const external = tables.find(({ isExternal }) => isExternal);
  const message =
    external === undefined
      ? `namespace ${name} has ${tables.length} table(s) and view(s): drop them first, or CASCADE`
      : `namespace ${name} has ${external.name}, which was in the storage before: DROP TABLE it first, its data stays`;
  return new EngineError({ code: 'in_use', message, facts: { tables: tables.length } });
}

async function placeOfDropped(run: StatementRun, namespace: NamespaceRecord): Promise<AuthorizedPlace> {
  const storage = await storageOf(run, namespace);
  return { engine: run.engine.engineOf(storage), place: { principal: run.principal, namespace, storage } };
}

async function getStorage(run: StatementRun, name: string | undefined): Promise<StorageRecord> {
  const { catalog } = run.engine;
  const wanted = name ?? catalog.parts.defaultStorage?.name;
  if (wanted === undefined) {
    throw new EngineError({ code: 'invalid_argument', message: 'CREATE NAMESPACE needs a STORAGE here: name one' });
  }
  const storage = await catalog.findStorage(run.principal.tenantId, wanted);
  if (storage === undefined) throw notFound('storage', wanted);
  if (storage.state === 'ready') return storage;
  const message = `storage ${wanted} is being changed by another statement: try again`;
  throw new EngineError({ code: 'conflict', message, retryable: true });
}

function assertAdministers({ principal }: StatementRun, namespace: NamespaceRecord): void {
  if (mayAdminister(principal, namespace)) return;
  throw forbidden(`namespace ${namespace.name} is its owner's or a dba's to change`);
}

/** @throws EngineError `already_exists` */
export function already(what: string, name: string, ifNotExists: boolean): ReturnType<typeof doneOutcome> {
  const message = `${what} ${name} exists already`;
  if (ifNotExists) return doneOutcome(message, 0);
  throw new EngineError({ code: 'already_exists', message });
}
