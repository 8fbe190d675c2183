import type { StorageType } from '../../catalog/records.ts';
import { lowerCase } from '../text/lexer.ts';
import type { OwnBody } from './own-body.ts';
import type { TokenReader } from './token-reader.ts';

const STORAGE_TYPES: readonly StorageType[] = ['duckdb', 'parquet', 'redshift'];

/** `STORAGE [IF NOT EXISTS] name TYPE type [DESCRIPTION 'text'] [OPTION 'value'] …` */
export function createStorage(reader: TokenReader): OwnBody {
  const ifNotExists = reader.ifNotExists();
  const name = reader.objectName('the name of a storage');
  reader.expects('type');
  const type = STORAGE_TYPES.find((known) => reader.takes(known));
  if (type === undefined) throw reader.unexpected(`one of ${STORAGE_TYPES.join(', ')}`);
  const { description, options } = readOptions(reader);
  return { kind: 'create_storage', name, ifNotExists, type, description, options };
}

/** `STORAGE name [SET] {DESCRIPTION 'text' | OPTION 'value'} …` */
export function alterStorage(reader: TokenReader): OwnBody {
  const name = reader.objectName('the name of a storage');
  reader.takes('set');
  if (reader.peeked === undefined) throw reader.unexpected('DESCRIPTION or an option with its value');
  const { description, options } = readOptions(reader);
  return { kind: 'alter_storage', name, ...(description === undefined ? {} : { description }), options };
}

/** `STORAGE [IF EXISTS] name` */
export function dropStorage(reader: TokenReader): OwnBody {
  const ifExists = reader.ifExists();
  return { kind: 'drop_storage', name: reader.objectName('the name of a storage'), ifExists };
}

function readOptions(reader: TokenReader): { description: string | undefined; options: Record<string, string> } {
  const given = new Map<string, string>();
  while (reader.peeked !== undefined) {
    const { start } = reader.peeked;
    const option = lowerCase(reader.name('the name of an option'));
    if (given.has(option)) throw reader.error('syntax_error', start, `${option.toUpperCase()} is given twice`);
    given.set(option, reader.text(`the value of ${option.toUpperCase()}`));
  }
  const description = given.get('description');
  given.delete('description');
  return { description, options: Object.fromEntries(given) };
}
