import { ROLES } from '../../context/role.ts';
import type { Role } from '../../context/role.ts';
import type { SecretText } from '../statement.ts';
import type { OwnBody } from './own-body.ts';
import type { TokenReader } from './token-reader.ts';

interface UserChange {
  password?: SecretText;
  role?: Role;
  disabled?: boolean;
}

/** `USER [IF NOT EXISTS] name [WITH] [PASSWORD 'text'] [ROLE role]`; without ROLE a `user`. */
export function createUser(reader: TokenReader): OwnBody {
  const ifNotExists = reader.ifNotExists();
  const name = reader.user();
  reader.takes('with');
  const { role = 'user', password } = readChange(reader, ['password', 'role']);
  return { kind: 'create_user', name, ifNotExists, role, password };
}

/** `USER name [SET | WITH] {PASSWORD 'text' | ROLE role | ENABLE | DISABLE} …` */
export function alterUser(reader: TokenReader): OwnBody {
  const name = reader.user();
  reader.takesOneOf('set', 'with');
  const expected = ['password', 'role', 'enable', 'disable'];
  if (reader.peeked === undefined) throw reader.unexpected(`one of ${expected.join(', ').toUpperCase()}`);
  return { kind: 'alter_user', name, ...readChange(reader, expected) };
}

/** `USER [IF EXISTS] name` */
export function dropUser(reader: TokenReader): OwnBody {
  const ifExists = reader.ifExists();
  return { kind: 'drop_user', name: reader.user(), ifExists };
}

export function readRole(reader: TokenReader): Role {
  const role = ROLES.find((known) => reader.takes(known));
  if (role === undefined) throw reader.unexpected(`one of ${ROLES.join(', ')}`);
  return role;
}

function readChange(reader: TokenReader, expected: readonly string[]): UserChange {
  const change: UserChange = {};
  while (reader.peeked !== undefined) {
    const option = expected.find((word) => reader.sees(word));
    if (option === 'password' && change.password === undefined) {
      reader.expects('password');
      change.password = reader.secret('the password');
    } else if (option === 'role' && change.role === undefined) {
      reader.expects('role');
      change.role = readRole(reader);
    } else if ((option === 'enable' || option === 'disable') && change.disabled === undefined) {
      reader.expects(option);
      change.disabled = option === 'disable';
    } else {
      throw reader.unexpected(`${expected.join(', ').toUpperCase()}, each once, or the end of the statement`);
    }
  }
  return change;
}
