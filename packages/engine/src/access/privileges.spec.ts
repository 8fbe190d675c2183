import { describe, expect, it } from '@jest/globals';
import type { AccessLevel, Grant, Privilege, TableRecord } from '../catalog/records.ts';
import { ROLES } from '../context/role.ts';
import type { Role } from '../context/role.ts';
import { mayActAs, mayUse } from './privileges.ts';

const principal = (role: Role, userId = 'me') => ({ tenantId: 'acme', userId, role });

function table(access: AccessLevel, grants: readonly Grant[] = [], ownerId = 'owner'): TableRecord {
  const what = { namespace: 'n', name: 't', isView: false, isExternal: false, reads: [] };
  const times = { state: 'ready', version: 1, createdAt: 0, updatedAt: 0 } as const;
  return { kind: 'table', tenantId: 'acme', ...what, ownerId, access, grants, ...times };
}

const mayRead = (access: AccessLevel): readonly Role[] =>
  ROLES.filter((role) => mayUse(principal(role), table(access), 'select'));

describe('what a table lets do', () => {
  it('reads by access level, dbas always', () => {
    expect(mayRead('private')).toEqual(['dba', 'system']);
    expect(mayRead('restricted')).toEqual(['service', 'dba', 'system']);
    expect(mayRead('public')).toEqual(ROLES);
  });

  it.each(['insert', 'update', 'delete'] as const)('no access level lets anybody %s', (privilege) => {
    const may = ROLES.filter((role) => mayUse(principal(role), table('public'), privilege));
    expect(may).toEqual(['dba', 'system']);
  });

  it('lets its owner do everything, unless nobody knows who that is', () => {
    const owned = table('private', [], 'me');
    const all: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];
    expect(all.filter((privilege) => mayUse(principal('user'), owned, privilege))).toEqual(all);
    expect(all.filter((privilege) => mayUse(principal('anonymous'), owned, privilege))).toEqual([]);
    const unknown = table('private', [], 'anonymous');
    expect(mayUse(principal('anonymous', 'anonymous'), unknown, 'select')).toBe(false);
    expect(mayUse(principal('user', 'anonymous'), unknown, 'select')).toBe(false);
  });

  it('grants to a user what is granted, to nobody else', () => {
    const granted = table('private', [{ grantee: { userId: 'me' }, privileges: ['insert'] }]);
    expect(mayUse(principal('user'), granted, 'insert')).toBe(true);
    expect(mayUse(principal('user'), granted, 'select')).toBe(false);
    expect(mayUse(principal('user', 'other'), granted, 'insert')).toBe(false);
    expect(mayUse(principal('anonymous'), granted, 'insert')).toBe(false);
  });

  it('grants to a role and those above it', () => {
    const granted = table('private', [{ grantee: { role: 'service' }, privileges: ['delete'] }]);
    expect(ROLES.filter((role) => mayUse(principal(role), granted, 'delete'))).toEqual(['service', 'dba', 'system']);
  });
});

describe('whom somebody may act as', () => {
  it.each([
    ['system', ['anonymous', 'user', 'service', 'dba', 'system']],
    ['dba', ['user', 'service', 'dba']],
    ['service', ['user', 'service']],
    ['user', []],
    ['anonymous', []],
  ] satisfies [Role, Role[]][])('%s as others with the roles %j', (role, expected) => {
    expect(ROLES.filter((other) => mayActAs(principal(role), { userId: 'other', role: other }))).toEqual(expected);
  });

  it('a user as itself, with no higher role than the one it came with', () => {
    expect(mayActAs(principal('user'), { userId: 'me', role: 'user' })).toBe(true);
    expect(mayActAs(principal('user'), { userId: 'me', role: 'dba' })).toBe(false);
    expect(mayActAs(principal('anonymous', 'anonymous'), { userId: 'anonymous', role: 'anonymous' })).toBe(false);
  });
});
