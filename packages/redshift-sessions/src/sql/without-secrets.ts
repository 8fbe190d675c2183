import { scan } from './sql-text.ts';
import type { SqlToken } from './sql-text.ts';

const HIDDEN = '***';

/** What a secret comes after (Amazon Redshift Database Developer Guide: CREATE USER, ALTER USER, COPY, UNLOAD). */
const SECRET_WORDS = /^(password|credentials|access_key_id|secret_access_key|session_token|master_symmetric_key)$/i;
const MENTIONED = new RegExp(SECRET_WORDS.source.slice(1, -1), 'i');
const BETWEEN = /^(as|=)$/i;

/**
 * The SQL as it may be kept and shown: the texts that come after `PASSWORD`, `CREDENTIALS` and the like are `'***'`. Of SQL
 * that has such a word and can't be read, nothing is shown.
 */
export function withoutSecrets(sql: string): string {
  if (!MENTIONED.test(sql)) return sql;
  let tokens: readonly SqlToken[];
  try {
    tokens = scan(sql);
  } catch {
    return HIDDEN;
  }
  const bytes = Buffer.from(sql);
  const parts: string[] = [];
  let shown = 0;
  let isSecret = false;
  for (const { text, kind, start, end } of tokens) {
    if (isSecret && isText(kind)) {
      parts.push(bytes.toString('utf8', shown, start), `'${HIDDEN}'`);
      shown = end;
    } else if (!isComment(kind) && !(isSecret && BETWEEN.test(text))) {
      isSecret = SECRET_WORDS.test(text.replaceAll('"', ''));
    }
  }
  parts.push(bytes.toString('utf8', shown));
  return parts.join('');
}

function isText(kind: string): boolean {
  return kind === 'SCONST' || kind === 'USCONST' || kind === 'BCONST' || kind === 'XCONST';
}

function isComment(kind: string): boolean {
  return kind === 'SQL_COMMENT' || kind === 'C_COMMENT';
}
