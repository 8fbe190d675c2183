import { assertRole } from '../access/privileges.ts';
import { notFound } from '../access/statement-access.ts';
import {
  changeRecord,
  claimChange,
  claimCreation,
  claimDrop,
  commitDrop,
  finishClaim,
  leaveClaim,
  releaseDrop,
  removeClaimed,
} from '../catalog/claims.ts';
import { assertPlainName } from '../catalog/names.ts';
import type { StorageRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import type { EngineErrorCode } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import { already } from './namespaces.ts';

/** Options that would hold a credential. A reference to one, such as a secret's ARN, is fine. */
const CREDENTIAL = /(?:password|passwd|token|access_?key|secret_?key|credentials?)$|^secret$/;

const STAYED: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>([
  'in_use',
  'file_in_use',
  'no_engine',
  'too_busy',
]);

export const createStorage: StatementHandler<'create_storage', void> = {
  kinds: ['create_storage'],

  async authorize({ name, type, options }, { engine, principal }) {
    assertRole(principal, 'dba', 'CREATE STORAGE');
    assertPlainName('storage', name);
    assertNoCredentials(options);
    if (engine.hasEngineOf(type)) return;
    throw new EngineError({ code: 'no_engine', message: `storages of type ${type} are not available here` });
  },

  async execute({ name, type, options, ifNotExists, description = '' }, { engine, principal }) {
    const { catalog } = engine;
    const { tenantId } = principal;
    if (catalog.isDefaultStorage(name)) return already('storage', name, ifNotExists);
    const record: StorageRecord = { kind: 'storage', tenantId, name, type, description, options, ...catalog.first() };
    const claim = await claimCreation(catalog, record, () => catalog.peekStorage(tenantId, name));
    if (claim === undefined) return already('storage', name, ifNotExists);
    try {
      await engine.engineOf(record).checkStorage(claim.record);
    } catch (error) {
      await catalog.remove(claim.record);
      throw error;
    }
    await finishClaim(catalog, claim.record);
    return doneOutcome(`storage ${name} is created`, 1);
  },
};

/** What it is said to be may change at any time, where it is only while no namespace is in it. */
export const alterStorage: StatementHandler<'alter_storage', StorageRecord> = {
  kinds: ['alter_storage'],

  async authorize({ name, options }, run) {
    assertRole(run.principal, 'dba', 'ALTER STORAGE');
    assertNoCredentials(options);
    const found = await run.engine.catalog.findStorage(run.principal.tenantId, name);
    if (found === undefined) throw notFound('storage', name);
    assertOwn(run, name);
    return found;
  },

  async execute({ name, description, options }, run, found) {
    const { catalog } = run.engine;
    const said = description === undefined ? {} : { description };
    if (Object.keys(options).length === 0) {
      await changeRecord(catalog, found, said);
      return doneOutcome(`storage ${name} is changed`, 1);
    }
    const change = { ...said, options: { ...found.options, ...options } };
    const claim = await claimChange(catalog, found);
    try {
      await assertUnused(run, claim);
      await run.engine.engineOf(claim).checkStorage({ ...claim, ...change });
    } catch (error) {
      await finishClaim(catalog, claim);
      throw error;
    }
    await finishClaim(catalog, claim, change);
    return doneOutcome(`storage ${name} is changed`, 1);
  },
};

/** With what the engine keeps of it: nothing, since there must be no namespace in it, but a file perhaps. */
export const dropStorage: StatementHandler<'drop_storage', StorageRecord | undefined> = {
  kinds: ['drop_storage'],

  async authorize({ name, ifExists }, run) {
    assertRole(run.principal, 'dba', 'DROP STORAGE');
    const found = await run.engine.catalog.peekStorage(run.principal.tenantId, name);
    if (found === undefined && !ifExists) throw notFound('storage', name);
    assertOwn(run, name);
    return found;
  },

  async execute({ name }, run, found) {
    if (found === undefined) return doneOutcome(`there is no storage ${name}`, 0);
    const { catalog } = run.engine;
    const closing = await claimDrop(catalog, found);
    try {
      await assertUnused(run, closing);
    } catch (error) {
      await releaseDrop(catalog, closing);
      throw error;
    }
    const claim = await commitDrop(catalog, closing);
    try {
      await run.engine.engineOf(claim).dropStorage(claim);
    } catch (error) {
      await (hasStayed(error) ? finishClaim(catalog, claim) : leaveClaim(catalog, claim));
      throw error;
    }
    await removeClaimed(catalog, claim);
    return doneOutcome(`storage ${name} is dropped`, 1);
  },
};

/** Nothing of it was taken away. */
function hasStayed(error: unknown): boolean {
  return error instanceof EngineError && STAYED.has(error.code);
}

async function assertUnused(run: StatementRun, { tenantId, name }: StorageRecord): Promise<void> {
  const namespaces = await run.engine.catalog.peekNamespaces(tenantId);
  const inside = namespaces.filter(({ storage }) => storage === name);
  if (inside.length === 0) return;
  const names = inside.map((namespace) => namespace.name).join(', ');
  const message = `storage ${name} has namespace(s) ${names}: drop them first`;
  throw new EngineError({ code: 'in_use', message, facts: { namespaces: inside.length } });
}

function assertOwn({ engine }: StatementRun, name: string): void {
  if (!engine.catalog.isDefaultStorage(name)) return;
  const message = `storage ${name} is of every tenant: it is neither changed nor dropped`;
  throw new EngineError({ code: 'invalid_argument', message });
}

function assertNoCredentials(options: Readonly<Record<string, string>>): void {
  const name = Object.keys(options).find((option) => CREDENTIAL.test(option.toLowerCase()));
  if (name === undefined) return;
  const message = `${name} would be kept in the catalog: give a reference to it, such as the ARN of a secret`;
  throw new EngineError({ code: 'invalid_storage', message });
}
