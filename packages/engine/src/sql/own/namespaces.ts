import type { OwnBody } from './own-body.ts';
import type { TokenReader } from './token-reader.ts';

/** `NAMESPACE [IF NOT EXISTS] name [STORAGE s] [DESCRIPTION 'text']` */
export function createNamespace(reader: TokenReader): OwnBody {
  const ifNotExists = reader.ifNotExists();
  const name = reader.objectName('the name of a namespace');
  let storage: string | undefined;
  let description: string | undefined;
  for (;;) {
    if (storage === undefined && reader.takes('storage')) storage = reader.objectName('the name of a storage');
    else if (description === undefined && reader.takes('description')) description = reader.text('a description');
    else break;
  }
  if (reader.peeked !== undefined)
    throw reader.unexpected('STORAGE, DESCRIPTION, each once, or the end of the statement');
  return { kind: 'create_namespace', name, ifNotExists, storage, description };
}

/** `NAMESPACE name [SET] {DESCRIPTION 'text' | OWNER [TO] user} …` */
export function alterNamespace(reader: TokenReader): OwnBody {
  const name = reader.objectName('the name of a namespace');
  let description: string | undefined;
  let owner: string | undefined;
  do {
    reader.takes('set');
    if (description === undefined && reader.takes('description')) {
      description = reader.text('a description');
    } else if (owner === undefined && reader.takes('owner')) {
      reader.takes('to');
      owner = reader.user();
    } else {
      throw reader.unexpected('DESCRIPTION or OWNER TO, each once');
    }
  } while (reader.peeked !== undefined);
  return {
    kind: 'alter_namespace',
    name,
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** `NAMESPACE [IF EXISTS] name [CASCADE | RESTRICT]` */
export function dropNamespace(reader: TokenReader): OwnBody {
  const ifExists = reader.ifExists();
  const name = reader.objectName('the name of a namespace');
  const cascade = reader.takes('cascade');
  if (!cascade) reader.takes('restrict');
  return { kind: 'drop_namespace', name, ifExists, cascade };
}

/** `[NAMESPACE] name` */
export function useNamespace(reader: TokenReader): OwnBody {
  reader.takes('namespace');
  return { kind: 'use_namespace', name: reader.objectName('the name of a namespace') };
}
