import { isAtLeast } from '../context/role.ts';
import { shownStatement } from '../context/recorded-query.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import type { Row } from '../values.ts';
import { rowsFrom } from './system-sources.ts';
import type { SystemSources } from './system-sources.ts';
import { columnsFrom, timeText } from './system-table.ts';
import type { SystemTable } from './system-table.ts';

const TIME = 'TIMESTAMP WITH TIME ZONE';
const MOST_EVENTS = 10_000;

function isShownTo({ principal }: StatementRun, userId: string): boolean {
  return isAtLeast(principal.role, 'dba') || userId === principal.userId;
}

/** Pinned sessions of this process, and what the application's source has, such as those of the session store. */
export function sessionsTable({ sessions }: SystemSources): SystemTable {
  const columns = columnsFrom(
    'session_id',
    'user_id',
    'kind',
    'role',
    'namespace',
    'state',
    `opened_at ${TIME}`,
    `last_used_at ${TIME}`,
    `expires_at ${TIME}`,
  );
  return {
    name: 'sessions',
    columns,
    async rows(run) {
      const { tenantId } = run.principal;
      const pinned = run.engine.sessions.list(tenantId).filter(({ principal }) => isShownTo(run, principal.userId));
      const own = pinned.map((session): Row => {
        const { id, principal, namespace = null, isBusy, openedAt, lastUsedAt } = session;
        const state = isBusy ? 'busy' : session.transaction === 'none' ? 'idle' : 'in transaction';
        const times = [timeText(openedAt), timeText(lastUsedAt), null];
        return [id, principal.userId, 'sql', principal.role, namespace, state, ...times];
      });
      return [...own, ...(await rowsFrom(sessions, run.principal, columns))];
    },
  };
}

export function warehouseSessionsTable({ warehouseSessions }: SystemSources): SystemTable {
  const columns = columnsFrom(
    'session_id',
    'storage',
    'database_user',
    'state',
    `opened_at ${TIME}`,
    `expires_at ${TIME}`,
  );
  const rows = ({ principal }: StatementRun): Promise<readonly Row[]> =>
    rowsFrom(warehouseSessions, principal, columns);
  return { name: 'warehouse_sessions', columns, rows };
}

/** What runs now: in this process, and for a while in others. */
export const queriesTable: SystemTable = {
  name: 'queries',
  columns: columnsFrom(
    'query_id',
    'user_id',
    'session_id',
    'kind',
    'namespace',
    'state',
    'progress DOUBLE',
    'statement',
    `started_at ${TIME}`,
    'elapsed_ms BIGINT',
    'client_address',
  ),

  async rows(run) {
    const { engine, principal } = run;
    const elsewhere = (await engine.recordedQueries?.list(principal)) ?? [];
    const own = engine.queries
      .list(principal.tenantId)
      .filter(({ start }) => isShownTo(run, start.principal.userId))
      .map(({ id: queryId, start, state, progress, startedAt }) => {
        const { principal: user, statement: text, kind, namespace, sessionId, clientAddress } = start;
        const said = { statement: shownStatement(text), kind, namespace, sessionId, clientAddress };
        return { queryId, userId: user.userId, ...said, state, progress, startedAt };
      });
    const now = engine.clock.now();
    return [...own, ...elsewhere.map(({ userId, record }) => ({ ...record, userId }))].map((query): Row => {
      const { queryId, userId, sessionId = null, kind, namespace = null, state, progress } = query;
      const { statement, startedAt, clientAddress = null } = query;
      const times = [timeText(startedAt), Math.max(0, now - startedAt)];
      return [queryId, userId, sessionId, kind, namespace, state, progress, statement, ...times, clientAddress];
    });
  },
};

export function jobsTable({ jobs }: SystemSources): SystemTable {
  const columns = columnsFrom(
    'job_id',
    'user_id',
    'kind',
    'state',
    'message',
    `created_at ${TIME}`,
    `started_at ${TIME}`,
    `finished_at ${TIME}`,
  );
  const rows = ({ principal }: StatementRun): Promise<readonly Row[]> => rowsFrom(jobs, principal, columns);
  return { name: 'jobs', columns, rows };
}

export const auditLogTable: SystemTable = {
  name: 'audit_log',
  columns: columnsFrom(
    `at ${TIME}`,
    'user_id',
    'role',
    'as_user_id',
    'action',
    'target',
    'outcome',
    'code',
    'rows_affected BIGINT',
    'query_id',
    'request_id',
    'client_address',
  ),

  async rows({ engine, principal }) {
    if (!isAtLeast(principal.role, 'dba')) return [];
    const events = await engine.audit.recent(principal.tenantId, MOST_EVENTS);
    return events
      .filter(({ tenantId }) => tenantId === principal.tenantId)
      .map((event) => [
        timeText(event.at),
        event.userId,
        event.role,
        event.asUserId,
        event.action,
        event.target,
        event.outcome,
        event.code,
        event.rowsAffected,
        event.queryId,
        event.requestId,
        event.clientAddress,
      ]);
  },
};
