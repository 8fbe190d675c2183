import type { AuthorizedPlace } from '../access/statement-access.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import { settled } from '../executor/sql-session.ts';
import type { EngineRequest, EngineResult } from '../query-engine.ts';
import type { Value } from '../values.ts';

export function requestOf(run: StatementRun, parameters: readonly Value[] = []): Omit<EngineRequest, 'sql'> {
  const { query, timeoutMs } = run;
  const onProgress = (progress: number): void => {
    query.progress = progress;
    run.onProgress?.(progress);
  };
  return { parameters, timeoutMs, signal: query.signal, onProgress };
}

/** On the session's connection. @throws EngineError */
export function runOn(
  run: StatementRun,
  { engine, place }: AuthorizedPlace,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<EngineResult> {
  return run.session.run(engine, place, { ...requestOf(run, parameters), sql });
}

/** Statements of our own on a connection beside the session's, one after the other. @throws EngineError */
export async function runBeside(
  run: StatementRun,
  { engine, place }: AuthorizedPlace,
  statements: readonly string[],
): Promise<void> {
  const connection = await engine.connect(place);
  try {
    for (const sql of statements) await settled(await connection.run({ ...requestOf(run), sql }));
  } finally {
    await connection.close();
  }
}
