import { unknownStatement } from '../unsupported.ts';
import { alterNamespace, createNamespace, dropNamespace, useNamespace } from './namespaces.ts';
import type { OwnBody } from './own-body.ts';
import { grantOrRevoke, setTableAccess } from './rights.ts';
import { describeTable, kill, reset, set, show, transaction } from './session.ts';
import { alterStorage, createStorage, dropStorage } from './storages.ts';
import type { TokenReader } from './token-reader.ts';
import { alterUser, createUser, dropUser } from './users.ts';

type Read = (reader: TokenReader) => OwnBody | undefined;

const notOwn: Read = () => undefined;

const CREATE: Readonly<Record<string, Read>> = {
  namespace: createNamespace,
  storage: createStorage,
  user: createUser,
};

const ALTER: Readonly<Record<string, Read>> = {
  namespace: alterNamespace,
  storage: alterStorage,
  user: alterUser,
  table: setTableAccess,
};

const DROP: Readonly<Record<string, Read>> = {
  namespace: dropNamespace,
  storage: dropStorage,
  user: dropUser,
  table: notOwn,
  view: notOwn,
};

/** Words that may stand between CREATE and TABLE or VIEW. */
const TABLE_WORDS: ReadonlySet<string> = new Set(['or', 'replace', 'temp', 'temporary', 'local', 'recursive']);

const STATEMENTS: Readonly<Record<string, Read>> = {
  select: notOwn,
  with: notOwn,
  values: notOwn,
  table: notOwn,
  insert: notOwn,
  update: notOwn,
  delete: notOwn,
  merge: notOwn,
  explain: notOwn,
  create: createOf,
  alter: (reader) => objectOf(ALTER, reader),
  drop: (reader) => objectOf(DROP, reader),
  use: useNamespace,
  show,
  describe: describeTable,
  desc: describeTable,
  grant: (reader) => grantOrRevoke(reader, 'grant'),
  revoke: (reader) => grantOrRevoke(reader, 'revoke'),
  kill,
  begin: (reader) => transaction(reader, 'begin'),
  start: startTransaction,
  commit: (reader) => transaction(reader, 'commit'),
  end: (reader) => transaction(reader, 'commit'),
  rollback: (reader) => transaction(reader, 'rollback'),
  abort: (reader) => transaction(reader, 'rollback'),
  set,
  reset,
};

/**
 * A statement of the engine's own, or undefined of one for the SQL parser. EXECUTE AS USER is not among them.
 * @throws EngineError of what can be neither
 */
export function ownStatement(reader: TokenReader): OwnBody | undefined {
  const first = reader.peeked;
  if (first?.kind !== 'word') {
    if (first?.kind === 'mark' && first.value === '(') return undefined;
    throw reader.unexpected('a statement');
  }
  const read = entry(STATEMENTS, first.value);
  if (read === undefined) throw unknownStatement(reader.piece, 1);
  reader.take();
  const body = read(reader);
  if (body !== undefined) reader.ends();
  return body;
}

function createOf(reader: TokenReader): OwnBody | undefined {
  const object = reader.rest.find(({ kind, value }) => kind !== 'word' || !TABLE_WORDS.has(value));
  if (object?.kind === 'word' && (object.value === 'table' || object.value === 'view')) return undefined;
  return objectOf(CREATE, reader);
}

function objectOf(objects: Readonly<Record<string, Read>>, reader: TokenReader): OwnBody | undefined {
  const object = reader.peeked;
  const read = object?.kind === 'word' ? entry(objects, object.value) : undefined;
  if (object?.kind !== 'word') throw reader.unexpected('the kind of an object, such as TABLE');
  if (read === undefined) throw unknownStatement(reader.piece, 2);
  reader.take();
  return read(reader);
}

function startTransaction(reader: TokenReader): OwnBody {
  reader.expects('transaction');
  return transaction(reader, 'begin');
}

function entry(reads: Readonly<Record<string, Read>>, word: string): Read | undefined {
  return Object.hasOwn(reads, word) ? reads[word] : undefined;
}
