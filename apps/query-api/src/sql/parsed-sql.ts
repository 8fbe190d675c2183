import { SqlExecutor } from '@mooring/engine';
import type { ParsedTexts, Statement } from '@mooring/engine';

/** A text that was parsed once: how many statements it has is asked before they run. */
export class ParsedSql {
  /** 0 where it can't be read: then the executor, which records such attempts, says why. */
  readonly count: number;
  readonly executor: SqlExecutor;

  constructor(sql: string, texts: ParsedTexts) {
    const parsed = parsedOnce(sql, texts);
    this.count = 'statements' in parsed ? parsed.statements.length : 0;
    this.executor = new SqlExecutor(() => {
      if ('error' in parsed) throw parsed.error;
      return parsed.statements;
    });
  }
}

function parsedOnce(
  sql: string,
  texts: ParsedTexts,
): { readonly statements: readonly Statement[] } | { readonly error: unknown } {
  try {
    return { statements: texts.parse(sql) };
  } catch (error) {
    return { error };
  }
}
