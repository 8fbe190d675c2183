export { LONGEST_LIFETIME_MS } from './argument-checks.ts';
export { decodeCursor, encodeCursor, listName } from './page-cursor.ts';
export { schemaTrouble } from './schema-version.ts';
export type { SchemaTrouble, SchemaVersion } from './schema-version.ts';
export { TimeLimit } from './time-limit.ts';
export type { LimitedCall } from './time-limit.ts';
export { isTlsFailure } from './tls-failure.ts';
export { Validation } from './validation.ts';
