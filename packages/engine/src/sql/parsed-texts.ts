import { parseBatch } from './parse-batch.ts';
import type { Statement, StatementKind } from './statement.ts';

const LONGEST_TEXT = 4096;
/** Those that come again as they are. None of the others is kept: some hold a password. */
const KEPT: ReadonlySet<StatementKind> = new Set<StatementKind>(['select', 'insert', 'update', 'delete', 'merge']);

/** Parses texts, and keeps the statements of those that were asked for last: what a text says never changes. */
export class ParsedTexts {
  /** From least to most recently used. */
  private readonly kept = new Map<string, readonly Statement[]>();

  constructor(private readonly most = 500) {}

  /** As `parseBatch`. @throws EngineError */
  parse(sql: string): readonly Statement[] {
    const known = this.kept.get(sql);
    if (known !== undefined) this.kept.delete(sql);
    const statements = known ?? parseBatch(sql);
    if (known === undefined && !mayKeep(sql, statements)) return statements;
    if (known === undefined) freeze(statements);
    this.kept.set(sql, statements);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
    return statements;
  }
}

function mayKeep(sql: string, statements: readonly Statement[]): boolean {
  return sql.length <= LONGEST_TEXT && statements.every(({ kind }) => KEPT.has(kind));
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
