import { assertRole, forbidden } from '../access/privileges.ts';
import { notFound } from '../access/statement-access.ts';
import { shown } from '../catalog/names.ts';
import { ANONYMOUS_USER_ID } from '../context/principal.ts';
import type { Principal } from '../context/principal.ts';
import { isAtLeast } from '../context/role.ts';
import type { Role } from '../context/role.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome } from '../executor/outcome.ts';
import type { StatementHandler } from '../executor/statement-handler.ts';
import type { User } from '../users/user-directory.ts';
import { getUser } from './get-user.ts';
import { already } from './namespaces.ts';

const USER_NAME = /^[^\p{C}\s]{1,128}$/u;

export const createUser: StatementHandler<'create_user', void> = {
  kinds: ['create_user'],

  async authorize({ name, role }, { principal }) {
    assertRole(principal, 'dba', 'CREATE USER');
    assertMayHave(principal, role);
    if (USER_NAME.test(name) && name.toLowerCase() !== ANONYMOUS_USER_ID) return;
    const message = `user "${shown(name)}": 1 to 128 characters, no blanks or control characters, not "anonymous"`;
    throw new EngineError({ code: 'invalid_name', message });
  },

  async execute({ name, role, password, ifNotExists }, { engine, principal }) {
    const created = await engine.users.create(principal.tenantId, { name, role, password });
    return created.ok ? doneOutcome(`user ${name} is created`, 1) : already('user', name, ifNotExists);
  },
};

/** By a dba; one's own password by everybody. */
export const alterUser: StatementHandler<'alter_user', User> = {
  kinds: ['alter_user'],

  async authorize({ name, role, disabled }, run) {
    const { principal } = run;
    if (!isAtLeast(principal.role, 'dba')) {
      const own = await run.engine.users.find(principal.tenantId, name);
      const isOwn = own?.userId === principal.userId && principal.role !== 'anonymous';
      if (isOwn && role === undefined && disabled === undefined) return own;
      throw forbidden('users are changed by a dba, a password by its user, too');
    }
    const user = await getUser(run, name);
    assertMayHave(principal, user.role);
    if (role !== undefined) assertMayHave(principal, role);
    return user;
  },

  async execute({ name, role, password, disabled }, { engine, principal }, user) {
    const change = {
      ...(role === undefined ? {} : { role }),
      ...(password === undefined ? {} : { password }),
      ...(disabled === undefined ? {} : { disabled }),
    };
    const changed = await engine.users.update(user, change, principal);
    if (!changed.ok) throw changedMeanwhile(name, changed.reason);
    return doneOutcome(`user ${name} is changed`, 1);
  },
};

/** What the user owned stays, for a dba to drop or hand over. */
export const dropUser: StatementHandler<'drop_user', User | undefined> = {
  kinds: ['drop_user'],

  async authorize({ name, ifExists }, { engine, principal }) {
    assertRole(principal, 'dba', 'DROP USER');
    const user = await engine.users.find(principal.tenantId, name);
    if (user === undefined) {
      if (ifExists) return undefined;
      throw notFound('user', name);
    }
    assertMayHave(principal, user.role);
    if (user.userId === principal.userId) {
      throw forbidden('nobody drops the user that they are: another dba may');
    }
    return user;
  },

  async execute({ name }, { engine }, user) {
    if (user === undefined) return doneOutcome(`there is no user ${shown(name)}`, 0);
    const removed = await engine.users.remove(user);
    if (!removed.ok) throw changedMeanwhile(name, removed.reason);
    return doneOutcome(`user ${name} is dropped`, 1);
  },
};

/** Nobody makes, changes or drops a user above themselves. */
function assertMayHave(principal: Principal, role: Role): void {
  if (isAtLeast(principal.role, role)) return;
  throw forbidden(`the role ${principal.role} may not make or change users with the role ${role}`);
}

function changedMeanwhile(name: string, reason: 'changed' | 'not_found'): EngineError {
  if (reason === 'not_found') return notFound('user', name);
  const message = `user ${shown(name)} was changed by another statement meanwhile: try again`;
  return new EngineError({ code: 'conflict', message, retryable: true });
}
