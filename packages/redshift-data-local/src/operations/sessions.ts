import { notFound, validation } from '../errors.ts';
import type { Limits } from '../options.ts';
import type { Session } from '../sessions.ts';
import { seconds } from './operations.ts';
import type { Operation, OperationParts } from './operations.ts';
import { pageBySequence } from './paging.ts';

const FILTERS = ['Status', 'ClusterIdentifier', 'WorkgroupName', 'Database'];

/** ListSessions: the caller's own of the last 24 hours, and the one way to tell a busy session from a closed one. */
export function sessionOperations(parts: OperationParts): Record<'ListSessions', Operation> {
  return {
    ListSessions: async ({ input, principal }) => {
      const id = input.sessionId();
      if (id !== undefined) {
        const given = FILTERS.filter((name) => input.has(name));
        if (given.length > 0) throw validation(`SessionId cannot be specified together with ${given.join(', ')}.`);
        const session = parts.sessions.find(id, principal);
        if (session === undefined) throw notFound(`Session with Id: ${id} does not exist.`, id);
        return { Sessions: [listed(session, parts.limits)] };
      }
      const status = input.oneOf('Status', ['AVAILABLE', 'BUSY', 'CLOSED']);
      const { cluster, workgroup } = input.targets();
      const database = input.text('Database');
      const wholeRole = input.flag('RoleLevel', true);
      if (cluster !== undefined && workgroup !== undefined) {
        throw validation('Only one of ClusterIdentifier and WorkgroupName can be specified.');
      }
      const found = parts.sessions
        .ofOwner(principal)
        .filter(
          (session) =>
            (wholeRole || session.owner.userId === principal.userId) &&
            (status === undefined ? session.status !== 'CLOSED' : session.status === status) &&
            (cluster === undefined || session.place.cluster === cluster) &&
            (workgroup === undefined || session.place.workgroup === workgroup) &&
            (database === undefined || session.place.database === database),
        );
      const { items, next } = pageBySequence(input, found, 100);
      return { Sessions: items.map((session) => listed(session, parts.limits)), NextToken: next };
    },
  };
}

function listed(session: Session, limits: Limits): object {
  const aliveUntil = (session.idleUntil ?? session.updatedAt + session.keepAliveSeconds * 1000) / 1000;
  return {
    SessionId: session.id,
    Status: session.status,
    CreatedAt: seconds(session.createdAt),
    UpdatedAt: seconds(session.updatedAt),
    ClusterIdentifier: session.place.cluster,
    WorkgroupName: session.place.workgroup,
    Database: session.place.database,
    DbUser: session.place.role,
    SessionAliveSeconds: session.keepAliveSeconds,
    SessionTtl: Math.min(aliveUntil, seconds(session.createdAt + limits.sessionLifetimeMs)),
    CurrentStatementId: session.status === 'BUSY' ? session.currentStatementId : undefined,
  };
}
