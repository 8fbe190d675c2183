import type { CatalogKey, CatalogRecord } from '@mooring/engine';
import { invalidArgument } from './errors.ts';

/** PostgreSQL indexes no more than 2704 bytes of a row, and a few go to what is beside them. */
const LONGEST_KEY_BYTES = 2048;
const KINDS: ReadonlySet<string> = new Set(['storage', 'namespace', 'table'] satisfies CatalogRecord['kind'][]);
/** What a database can't keep as it is: two keys would become one. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** @throws EngineError `invalid_argument` */
export function assertKey({ tenantId, kind, key }: CatalogKey): void {
  assertTenant(tenantId);
  if (!KINDS.has(kind)) throw invalidArgument('kind must be storage, namespace or table');
  assertStorable('key', key);
  if (Buffer.byteLength(tenantId) + Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw invalidArgument(`tenantId and key must not be longer than ${LONGEST_KEY_BYTES} bytes`);
  }
}

/** @throws EngineError `invalid_argument` */
export function assertTenant(tenantId: string): void {
  assertStorable('tenantId', tenantId);
}

/** @throws EngineError `invalid_argument` */
export function assertWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw invalidArgument(`${name} must be a whole number from ${least} to ${most}`);
  }
}

function assertStorable(name: string, value: string): void {
  if (typeof value !== 'string' || UNSTORABLE.test(value)) {
    throw invalidArgument(`${name} must be text without U+0000 and lone surrogates`);
  }
}
