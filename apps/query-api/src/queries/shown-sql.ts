import { parseBatch } from '@mooring/engine';
import { withoutSecrets } from '@mooring/redshift-sessions';

const HIDDEN = '***';

/**
 * What is kept of a statement, for the engine where it has a namespace, else for the warehouse: its text without passwords, and
 * nothing of one that can't be read for them.
 */
export function shownSql(sql: string, namespace?: string): string {
  if (namespace === undefined) return withoutSecrets(sql);
  if (!/password/i.test(sql)) return sql;
  try {
    return parseBatch(sql)
      .map(({ text }) => text)
      .join('; ');
  } catch {
    return HIDDEN;
  }
}
