import { notFound } from '../access/statement-access.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import type { User } from '../users/user-directory.ts';

/** @throws EngineError `not_found` */
export async function getUser({ engine, principal }: StatementRun, name: string): Promise<User> {
  const user = await engine.users.find(principal.tenantId, name);
  if (user === undefined) throw notFound('user', name);
  return user;
}
