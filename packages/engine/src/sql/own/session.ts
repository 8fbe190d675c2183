import { textOf } from '../text/lexer.ts';
import { unsupported } from '../unsupported.ts';
import type { OwnBody } from './own-body.ts';
import type { TokenReader } from './token-reader.ts';

/** `NAMESPACES | STORAGES | TABLES [IN | FROM namespace]` */
export function show(reader: TokenReader): OwnBody {
  if (reader.takes('namespaces')) return { kind: 'show_namespaces' };
  if (reader.takes('storages')) return { kind: 'show_storages' };
  if (!reader.takes('tables')) throw reader.unexpected('NAMESPACES, STORAGES or TABLES');
  const isNamed = reader.takesOneOf('in', 'from');
  return { kind: 'show_tables', namespace: isNamed ? reader.objectName('the name of a namespace') : undefined };
}

/** `[TABLE] table` */
export function describeTable(reader: TokenReader): OwnBody {
  reader.takes('table');
  return { kind: 'describe_table', table: reader.relation() };
}

/** `{QUERY | JOB} id`, the id as it is written or in single quotes. */
export function kill(reader: TokenReader): OwnBody {
  const kind = reader.takes('query') ? 'kill_query' : 'kill_job';
  if (kind === 'kill_job' && !reader.takes('job')) throw reader.unexpected('QUERY or JOB');
  const token = reader.peeked;
  if (token?.kind === 'text') return { kind, id: reader.text('the id') };
  if (token?.kind !== 'word') throw reader.unexpected('the id in single quotes');
  reader.take();
  return { kind, id: reader.piece.code.slice(token.start, token.end) };
}

/** `[WORK | TRANSACTION]` after the word that says what is done. */
export function transaction(reader: TokenReader, kind: 'begin' | 'commit' | 'rollback'): OwnBody {
  reader.takesOneOf('work', 'transaction');
  if (reader.peeked?.kind === 'word') {
    throw unsupported(reader.piece, reader.peeked, `${kind.toUpperCase()} takes no modes, savepoints or names here`);
  }
  return { kind };
}

/** `[SESSION] name {= | TO} value`; a value of DEFAULT resets it. */
export function set(reader: TokenReader): OwnBody {
  if (reader.sees('local')) {
    throw unsupported(reader.piece, reader.peeked, 'SET LOCAL is not accepted: SET it, and RESET it afterwards');
  }
  reader.takes('session');
  if (reader.takes('time', 'zone')) return { kind: 'set', name: 'timezone', value: settingValue(reader) };
  const name = settingName(reader);
  if (!reader.takesMark('=') && !reader.takes('to')) throw reader.unexpected('= or TO');
  if (reader.takes('default')) return { kind: 'reset', name };
  return { kind: 'set', name, value: settingValue(reader) };
}

/** `name`, or `ALL` as the name `all` */
export function reset(reader: TokenReader): OwnBody {
  if (reader.takes('time', 'zone')) return { kind: 'reset', name: 'timezone' };
  return { kind: 'reset', name: settingName(reader) };
}

function settingName(reader: TokenReader): string {
  const parts = [reader.objectName('the name of a setting')];
  while (reader.takesMark('.')) parts.push(reader.objectName('the name of a setting'));
  return parts.join('.');
}

function settingValue(reader: TokenReader): string {
  const sign = reader.takesMark('-') ? '-' : '';
  const token = reader.take();
  if (token?.kind === 'number') return sign + token.value;
  if (sign === '' && token?.kind === 'text') return textOf(token);
  if (sign === '' && (token?.kind === 'word' || token?.kind === 'quoted')) return token.value;
  throw reader.error(
    'syntax_error',
    token?.start ?? reader.piece.end,
    'Expected one value: a text, a number or a word',
  );
}
