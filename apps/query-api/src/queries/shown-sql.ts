import { parseBatch } from '@mooring/engine';

const HIDDEN = '***';

/** What is kept of a statement for the engine: its text without passwords, and nothing of one that can't be read for them. */
export function shownSql(sql: string): string {
  if (!/password/i.test(sql)) return sql;
  try {
    return parseBatch(sql)
      .map(({ text }) => text)
      .join('; ');
  } catch {
    return HIDDEN;
  }
}
