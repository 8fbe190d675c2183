import { EngineError } from '../errors.ts';

/** Namespaces that engines have themselves, and ours. `pg_…` is refused, too. */
const RESERVED: ReadonlySet<string> = new Set([
  'system',
  'information_schema',
  'pg_catalog',
  'main',
  'temp',
  'public',
  'duckdb',
]);

const PLAIN = /^[a-z][a-z0-9_]{0,62}$/;
const LONGEST_NAME = 63;

/** Names of namespaces and storages, which become names of folders, files and schemas. @throws EngineError `invalid_name` */
export function assertPlainName(what: string, name: string): void {
  if (!PLAIN.test(name)) {
    throw invalid(`${what} "${shown(name)}": up to 63 small letters, digits and _, the first one a letter`);
  }
  if (RESERVED.has(name) || name.startsWith('pg_')) throw invalid(`${what} "${name}" is a reserved name: take another`);
}

/** @throws EngineError `invalid_name` */
export function assertTableName(name: string): void {
  if (name === '' || name.length > LONGEST_NAME || /\p{C}/u.test(name)) {
    throw invalid(`table "${shown(name)}": 1 to ${LONGEST_NAME} characters, none of them a control character`);
  }
}

/**
 * Engines fold names of tables that differ in capitals only, quoted ones too; so does the catalog. A to Z alone: "Ä" and
 * "ä" are two tables.
 */
export function foldedName(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name of the caller's that can stand in a message. */
export function shown(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '?');
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME)}…` : plain;
}

function invalid(message: string): EngineError {
  return new EngineError({ code: 'invalid_name', message });
}
