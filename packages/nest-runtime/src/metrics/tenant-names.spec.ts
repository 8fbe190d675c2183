import { expect, it } from '@jest/globals';
import { TenantNames } from './tenant-names.ts';

it('names so many tenants and no more, however they come', () => {
  const names = new TenantNames(2);
  const given = ['acme', 'globex', 'initech', 'acme', 'umbrella', 'globex'].map((tenant) => names.of(tenant));
  expect(given).toEqual(['acme', 'globex', 'other', 'acme', 'other', 'globex']);
});

it('names none where none may be named', () => {
  expect(new TenantNames(0).of('acme')).toBe('other');
});
