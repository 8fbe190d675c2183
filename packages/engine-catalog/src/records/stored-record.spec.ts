import { describe, expect, it } from '@jest/globals';
import type { CatalogRecord } from '@mooring/engine';
import { recordOf } from '../samples.fixture.ts';
import { recordIn } from './stored-record.ts';

const { tenantId, state, version, createdAt, updatedAt } = recordOf('n');
const COMMON = { tenantId, name: 'n', state, version, createdAt, updatedAt };
const RECORDS: readonly CatalogRecord[] = [
  recordOf('orders', {
    state: 'changing',
    isView: true,
    grants: [
      { grantee: { userId: 'u2' }, privileges: ['select', 'insert'] },
      { grantee: { role: 'service' }, privileges: ['update', 'delete'] },
    ],
    reads: [{ namespace: 'n', name: '"x"' }],
  }),
  { ...COMMON, kind: 'namespace', storage: 's', ownerId: 'u1', description: '' },
  { ...COMMON, kind: 'storage', type: 'redshift', description: 'd', options: { workgroup: 'w' } },
];

function read(record: unknown, { kind, tenantId, version }: Pick<CatalogRecord, 'kind' | 'tenantId' | 'version'>) {
  return recordIn('t', { id: 1, key: 'k', version, record: JSON.stringify(record) }, { kind, tenantId });
}

describe('a stored record', () => {
  it('is read as it was written, with parts that a later version has', () => {
    for (const record of RECORDS) {
      expect(read(record, record)).toEqual(record);
      expect(read({ ...record, later: 1 }, record)).toEqual({ ...record, later: 1 });
    }
  });

  it('is refused when any of its parts is missing or of another type', () => {
    for (const record of RECORDS) {
      for (const name of Object.keys(record)) {
        for (const value of [undefined, null, { nested: 1 }]) {
          expect(() => read({ ...record, [name]: value }, record)).toThrow("can't be read");
        }
      }
    }
  });

  it.each([
    { state: 'gone' },
    { access: 'PUBLIC' },
    { grants: [{ grantee: { role: 'root' }, privileges: [] }] },
    { grants: [{ grantee: { userId: 1 }, privileges: [] }] },
    { grants: [{ grantee: { userId: 'u' }, privileges: ['all'] }] },
    { grants: [null] },
    { reads: [{ namespace: 'n' }] },
    { isView: 'false' },
    { version: 1.5 },
    { updatedAt: '2026' },
  ])('with %j is refused', (change) => {
    const record = recordOf('orders');
    expect(() => read({ ...record, ...change }, record)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });
});
