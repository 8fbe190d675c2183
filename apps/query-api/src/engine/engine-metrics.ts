import { EngineContext } from '@mooring/engine';
import type { DuckdbEngine } from '@mooring/engine-duckdb';
import type { Metrics } from '@mooring/nest-runtime';

/** The engine as Prometheus metrics, read when they are asked for. */
export function engineMetrics(metrics: Metrics, engine: EngineContext, embedded: DuckdbEngine | undefined): void {
  const gauge = (name: string, help: string, read: () => number) => {
    metrics.gauge({
      name: `mooring_engine_${name}`,
      help,
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string, read: () => number) => {
    metrics.counter({
      name: `mooring_engine_${name}_total`,
      help,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  gauge('contexts_built', 'Engine contexts that this process has built: 1.', () => EngineContext.built);
  gauge('statements_running', 'Statements that run, or whose result is being read.', () => engine.queries.count);
  gauge('sql_sessions', 'Pinned sessions of this process.', () => engine.sessions.count);
  counter('statements_denied', 'Statements that were denied or could not be read.', () => engine.counts.denied);
  counter('audit_failures', 'Audit events that could not be recorded.', () => engine.counts.auditFailures);
  counter(
    'recording_failures',
    'Writes that other processes should have seen a statement by, and that failed.',
    () => engine.counts.recordingFailures,
  );
  if (embedded === undefined) return;
  gauge('embedded_databases', 'Embedded databases that are open.', () => embedded.stats().open);
  gauge('embedded_databases_waiting', 'Callers that wait for an embedded database.', () => embedded.stats().waiting);
  gauge('embedded_connections', 'Connections to embedded databases.', () => embedded.stats().connections);
  gauge('embedded_calls', 'Calls into embedded databases that run.', () => embedded.stats().calls);
  gauge('embedded_calls_waiting', 'Calls that wait for a thread.', () => embedded.stats().callsWaiting);
  counter('embedded_chunks', 'Chunks of at most 2048 rows that were read.', () => embedded.stats().chunks);
}
