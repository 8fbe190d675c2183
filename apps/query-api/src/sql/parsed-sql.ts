import { SqlExecutor, parseBatch } from '@mooring/engine';
import type { Statement } from '@mooring/engine';

/** A text that was parsed once: how many statements it has is asked before they run. */
export class ParsedSql {
  /** 0 where it can't be read: then the executor, which records such attempts, says why. */
  readonly count: number;
  readonly executor: SqlExecutor;

  constructor(sql: string) {
    const parsed = parsedOnce(sql);
    this.count = 'statements' in parsed ? parsed.statements.length : 0;
    this.executor = new SqlExecutor(() => {
      if ('error' in parsed) throw parsed.error;
      return parsed.statements;
    });
  }
}

function parsedOnce(sql: string): { readonly statements: readonly Statement[] } | { readonly error: unknown } {
  try {
    return { statements: parseBatch(sql) };
  } catch (error) {
    return { error };
  }
}
