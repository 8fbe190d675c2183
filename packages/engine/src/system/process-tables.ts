import { isAtLeast } from '../context/role.ts';
import { LARGEST_PARAMETER_BYTES, MOST_PARAMETERS } from '../executor/parameters.ts';
import type { Row } from '../values.ts';
import { columnsFrom } from './system-table.ts';
import type { SystemTable } from './system-table.ts';

export const settingsTable: SystemTable = {
  name: 'settings',
  columns: columnsFrom('name', 'value', 'description'),

  async rows({ engine, session, principal }) {
    const { options, catalog } = engine;
    const timeoutMs = session.timeoutMs ?? options.statementTimeoutMs;
    return [
      ['role', principal.role, 'of the caller'],
      ['namespace', session.namespace ?? '', 'of names without one'],
      ['statement_timeout', `${timeoutMs}`, 'milliseconds; SET changes it for a session'],
      ['longest_statement', `${options.longestStatementMs}`, 'milliseconds that a statement may ask for'],
      ['max_rows', `${options.maxRows}`, 'rows that are kept of a statement in a batch'],
      ['max_statements', `${options.maxStatements}`, 'statements in a batch'],
      ['max_parameters', `${MOST_PARAMETERS}`, 'of a statement'],
      ['max_parameter_bytes', `${LARGEST_PARAMETER_BYTES}`, 'of one parameter'],
      ['default_storage', catalog.parts.defaultStorage?.name ?? '', 'of CREATE NAMESPACE without STORAGE'],
    ];
  },
};

/** Of the tenant; those of the process are for `system` alone, since they are about all tenants. */
export const statsTable: SystemTable = {
  name: 'stats',
  columns: columnsFrom('name', 'value DOUBLE'),

  async rows({ engine, principal }) {
    const { tenantId, role } = principal;
    if (!isAtLeast(role, 'dba')) return [];
    const [namespaces, tables] = await Promise.all([
      engine.catalog.listNamespaces(tenantId),
      engine.catalog.listTables(tenantId),
    ]);
    const ofTenant: Row[] = [
      ['namespaces', namespaces.length],
      ['tables', tables.length],
      ['running_queries', engine.queries.list(tenantId).length],
      ['pinned_sessions', engine.sessions.list(tenantId).length],
    ];
    if (role !== 'system') return ofTenant;
    const { counts, queries, sessions, clock, startedAt } = engine;
    return [
      ...ofTenant,
      ['process_uptime_ms', clock.now() - startedAt],
      ['process_statements', counts.statements],
      ['process_failed', counts.failed],
      ['process_denied', counts.denied],
      ['process_audit_failures', counts.auditFailures],
      ['process_recording_failures', counts.recordingFailures],
      ['process_running_queries', queries.count],
      ['process_pinned_sessions', sessions.count],
    ];
  },
};
