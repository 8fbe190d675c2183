import { forbidden, mayActAs } from '../access/privileges.ts';
import { notFound } from '../access/statement-access.ts';
import { shown } from '../catalog/names.ts';
import type { Principal } from '../context/principal.ts';
import { EngineError } from '../errors.ts';
import type { StatementKind } from '../sql/statement.ts';
import type { StatementOf, StatementRun } from './statement-handler.ts';

/** Statements that are about a session, which would be another one. */
const NOT_AS_ANOTHER: ReadonlySet<StatementKind> = new Set<StatementKind>([
  'execute_as_user',
  'begin',
  'commit',
  'rollback',
  'set',
  'reset',
  'use_namespace',
]);

/** Who the statement runs as. @throws EngineError `not_found`, `forbidden`, `unsupported_statement` */
export async function impersonated(
  { user: name, statement }: StatementOf<'execute_as_user'>,
  { engine, principal, session }: StatementRun,
): Promise<Principal> {
  if (NOT_AS_ANOTHER.has(statement.kind)) {
    const kind = statement.kind.toUpperCase().replaceAll('_', ' ');
    throw new EngineError({ code: 'unsupported_statement', message: `${kind} can't be run AS USER` });
  }
  if (session.transaction !== 'none') {
    const message = 'EXECUTE AS USER has a connection of its own: COMMIT or ROLLBACK the transaction first';
    throw new EngineError({ code: 'unsupported_statement', message });
  }
  const user = await engine.users.find(principal.tenantId, name);
  if (user === undefined) throw notFound('user', name);
  if (!mayActAs(principal, user)) {
    throw forbidden(`the role ${principal.role} may not act as ${shown(name)}`);
  }
  if (user.disabled) throw forbidden(`the user ${shown(name)} is disabled`);
  return Object.freeze({ tenantId: principal.tenantId, userId: user.userId, role: user.role });
}
