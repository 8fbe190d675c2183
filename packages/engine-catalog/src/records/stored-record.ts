import { ROLES } from '@mooring/engine';
import type { AccessLevel, CatalogKey, CatalogRecord, Privilege, RecordState, StorageType } from '@mooring/engine';
import type { CatalogRow } from '../catalog-tables.ts';
import { corrupt } from '../errors.ts';
import { either, fields, flag, listOf, nameOf, namedValues, oneOf, text, time, whole } from './shape.ts';
import type { Shape } from './shape.ts';

const VERSIONED = {
  tenantId: text,
  name: text,
  state: nameOf<RecordState>({ creating: true, ready: true, changing: true, closing: true, dropping: true }),
  version: whole,
  createdAt: time,
  updatedAt: time,
};

const GRANT = fields({
  grantee: either(fields({ userId: text }), fields({ role: oneOf(...ROLES) })),
  privileges: listOf(nameOf<Privilege>({ select: true, insert: true, update: true, delete: true })),
});

const SHAPES: Readonly<Record<CatalogRecord['kind'], Shape>> = {
  storage: fields({
    ...VERSIONED,
    type: nameOf<StorageType>({ duckdb: true, parquet: true, redshift: true }),
    description: text,
    options: namedValues(text),
  }),
  namespace: fields({ ...VERSIONED, storage: text, ownerId: text, description: text }),
  table: fields({
    ...VERSIONED,
    namespace: text,
    isView: flag,
    isExternal: flag,
    ownerId: text,
    access: nameOf<AccessLevel>({ private: true, restricted: true, public: true }),
    grants: listOf(GRANT),
    reads: listOf(fields({ namespace: text, name: text })),
  }),
};

/**
 * The record of a row, whole or not at all: a right that can't be read must not turn into another one.
 * @throws EngineError `unavailable`
 */
export function recordIn(
  table: string,
  { id, version, record: json }: CatalogRow,
  { tenantId, kind }: Pick<CatalogKey, 'tenantId' | 'kind'>,
): CatalogRecord {
  let record: Partial<CatalogRecord> | null;
  try {
    record = JSON.parse(json) as Partial<CatalogRecord> | null;
  } catch {
    throw corrupt(table, id, 'it is no JSON');
  }
  if (record?.kind !== kind || record.tenantId !== tenantId)
    throw corrupt(table, id, 'it is the record of another key');
  if (record.version !== version) throw corrupt(table, id, 'it is the record of another version');
  if (!SHAPES[kind](record)) throw corrupt(table, id, `it is no record of a ${kind}`);
  return record as CatalogRecord;
}
