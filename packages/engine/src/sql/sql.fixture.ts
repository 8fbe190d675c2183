import { EngineError } from '../errors.ts';
import { parseBatch } from './parse-batch.ts';
import type { References, RelationName, Statement } from './statement.ts';

/** The one statement of a text. */
export function only(sql: string): Statement {
  const [statement, ...others] = parseBatch(sql);
  if (statement === undefined || others.length > 0) throw new Error(`${others.length + 1} statements`);
  return statement;
}

/** The one statement without its place. */
export function bodyOf(sql: string): object {
  const place = ['text', 'offset', 'line', 'column'];
  return Object.fromEntries(Object.entries(only(sql)).filter(([member]) => !place.includes(member)));
}

export function refusal(sql: string): EngineError {
  try {
    parseBatch(sql);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

export function referencesOf(sql: string): References {
  const statement = only(sql);
  if (!('references' in statement)) throw new Error(`${statement.kind} has no references`);
  return statement.references;
}

/** Relations as `namespace.name`, in order of the alphabet. */
export function readsOf(sql: string): string[] {
  return referencesOf(sql).reads.map(dotted).sort();
}

/** As `privilege namespace.name`. */
export function writesOf(sql: string): string[] {
  return referencesOf(sql)
    .writes.map((write) => `${write.privilege} ${dotted(write)}`)
    .sort();
}

function dotted({ namespace, name }: RelationName): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}
