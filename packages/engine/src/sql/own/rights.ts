import type { AccessLevel, Privilege } from '../../catalog/records.ts';
import type { OwnBody } from './own-body.ts';
import type { TokenReader } from './token-reader.ts';
import { readRole } from './users.ts';

const PRIVILEGES: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];
const ACCESS_LEVELS: readonly AccessLevel[] = ['private', 'restricted', 'public'];

/** `privileges ON [TABLE] table {TO | FROM} {USER name | ROLE role}` */
export function grantOrRevoke(reader: TokenReader, kind: 'grant' | 'revoke'): OwnBody {
  const privileges = readPrivileges(reader);
  reader.expects('on');
  reader.takes('table');
  const table = reader.relation();
  reader.expects(kind === 'grant' ? 'to' : 'from');
  if (reader.takes('user')) return { kind, table, privileges, grantee: { user: reader.user() } };
  if (reader.takes('role')) return { kind, table, privileges, grantee: { role: readRole(reader) } };
  throw reader.unexpected('USER with a name or ROLE with a role');
}

/** `TABLE table SET ACCESS [LEVEL] level`, or undefined where it is another ALTER TABLE. */
export function setTableAccess(reader: TokenReader): OwnBody | undefined {
  const words = reader.rest.map((token) => (token.kind === 'word' ? token.value : ''));
  if (!words.some((word, index) => word === 'set' && words[index + 1] === 'access')) return undefined;
  const table = reader.relation();
  reader.expects('set', 'access');
  reader.takes('level');
  const access = ACCESS_LEVELS.find((level) => reader.takes(level));
  if (access === undefined) throw reader.unexpected(`one of ${ACCESS_LEVELS.join(', ')}`);
  return { kind: 'set_table_access', table, access };
}

function readPrivileges(reader: TokenReader): readonly Privilege[] {
  if (reader.takes('all')) {
    reader.takes('privileges');
    return PRIVILEGES;
  }
  const privileges = new Set<Privilege>();
  do {
    const privilege = PRIVILEGES.find((known) => reader.takes(known));
    if (privilege === undefined) throw reader.unexpected(`ALL or some of ${PRIVILEGES.join(', ').toUpperCase()}`);
    privileges.add(privilege);
  } while (reader.takesMark(','));
  return PRIVILEGES.filter((privilege) => privileges.has(privilege));
}
