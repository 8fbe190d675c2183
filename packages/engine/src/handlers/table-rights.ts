import { forbidden, mayAdminister } from '../access/privileges.ts';
import { namespaceOf, notFound } from '../access/statement-access.ts';
import { changeRecord } from '../catalog/claims.ts';
import type { Grant, Privilege, TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import type { RelationName } from '../sql/statement.ts';
import { getUser } from './get-user.ts';

const MOST_TRIES = 10;

/** The access level of a table: private, restricted or public. */
export const tableAccess: StatementHandler<'set_table_access', void> = {
  kinds: ['set_table_access'],

  async authorize({ table }, run) {
    await getOwnTable(table, run);
  },

  execute: ({ table, access }, run) =>
    changeRights(table, run, `${table.name} is ${access}`, (record) =>
      record.access === access ? undefined : { access },
    ),
};

/** GRANT and REVOKE, by the table's owner or a dba. */
export const grants: StatementHandler<'grant' | 'revoke', Grant['grantee']> = {
  kinds: ['grant', 'revoke'],

  async authorize({ table, grantee }, run) {
    await getOwnTable(table, run);
    return 'role' in grantee ? grantee : { userId: (await getUser(run, grantee.user)).userId };
  },

  async execute({ kind, table, privileges }, run, grantee) {
    const { maxGrants } = run.engine.options;
    return changeRights(table, run, `${kind.toUpperCase()} is done`, (record) => {
      const before = record.grants.find((grant) => isOf(grant, grantee))?.privileges ?? [];
      const after = kind === 'grant' ? withAll(before, privileges) : without(before, privileges);
      if (after.length === before.length) return undefined;
      const others = record.grants.filter((grant) => !isOf(grant, grantee));
      if (after.length > 0 && others.length >= maxGrants) {
        const message = `${record.namespace}.${record.name} has ${maxGrants} grants, which is all it can have`;
        throw new EngineError({ code: 'invalid_argument', message });
      }
      return { grants: after.length === 0 ? others : [...others, { grantee, privileges: after }] };
    });
  },
};

/** Changes at the same time are made one after the other, each on what the one before left, and each authorized anew. */
async function changeRights(
  table: RelationName,
  run: StatementRun,
  message: string,
  change: (record: TableRecord) => Partial<TableRecord> | undefined,
): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const record = await getOwnTable(table, run);
    const changed = change(record);
    if (changed === undefined) return doneOutcome(`${message} already`, 0);
    try {
      await changeRecord(run.engine.catalog, record, changed);
      return doneOutcome(message, 1);
    } catch (error) {
      const mayPass = error instanceof EngineError && error.code === 'conflict' && record.state === 'ready';
      if (!mayPass || tries === MOST_TRIES) throw error;
    }
  }
}

/** @throws EngineError `not_found`, `forbidden` */
async function getOwnTable(table: RelationName, run: StatementRun): Promise<TableRecord> {
  const namespace = namespaceOf(run, table);
  const record = await run.engine.catalog.findTable(run.principal.tenantId, namespace, table.name);
  if (record === undefined) throw notFound('table', `${namespace}.${table.name}`);
  if (mayAdminister(run.principal, record)) return record;
  throw forbidden(`the rights on ${namespace}.${table.name} are its owner's or a dba's to change`);
}

function isOf({ grantee }: Grant, other: Grant['grantee']): boolean {
  if ('role' in grantee) return 'role' in other && other.role === grantee.role;
  return 'userId' in other && other.userId === grantee.userId;
}

function withAll(before: readonly Privilege[], more: readonly Privilege[]): readonly Privilege[] {
  return [...new Set([...before, ...more])];
}

function without(before: readonly Privilege[], less: readonly Privilege[]): readonly Privilege[] {
  return before.filter((privilege) => !less.includes(privilege));
}
