/** What a name of a type says of what is in its values. */
export type TypeTree =
  | { readonly kind: 'leaf'; readonly name: string }
  | { readonly kind: 'list'; readonly item: TypeTree }
  | { readonly kind: 'struct'; readonly members: readonly (readonly [name: string, type: TypeTree])[] }
  | { readonly kind: 'map'; readonly key: TypeTree; readonly value: TypeTree };

const WITH_BLANKS = /^(?:TIMESTAMP|TIME) WITH TIME ZONE/;
const WORD = /^[A-Za-z_]\w*/;
const QUOTED = /^"(?:[^"]|"")*"/;
/** `(18,2)` or `('a', 'it''s')` */
const ARGUMENTS = /^\((?:[^()']|'(?:[^']|'')*')*\)/;
const LIST = /^\[\d*\]/;

/** Undefined of what has no such form: a row whose members have no names, or a name that is none of DuckDB's. */
export function typeTree(name: string): TypeTree | undefined {
  const reader = new TypeReader(name);
  const tree = reader.type();
  return reader.isAtEnd ? tree : undefined;
}

class TypeReader {
  constructor(private rest: string) {}

  get isAtEnd(): boolean {
    return this.rest === '';
  }

  type(): TypeTree | undefined {
    let tree = this.withoutList();
    while (tree !== undefined && this.take(LIST) !== undefined) tree = { kind: 'list', item: tree };
    return tree;
  }

  private withoutList(): TypeTree | undefined {
    if (this.take(/^STRUCT\(/) !== undefined) return this.struct();
    if (this.take(/^MAP\(/) !== undefined) return this.map();
    const name = this.take(WITH_BLANKS) ?? this.take(WORD);
    // What may be in a union has a name here, and its value one in an object.
    if (name === undefined || name === 'UNION') return undefined;
    return { kind: 'leaf', name: name + (this.take(ARGUMENTS) ?? '') };
  }

  private struct(): TypeTree | undefined {
    const members: (readonly [string, TypeTree])[] = [];
    do {
      const name = this.take(QUOTED)?.slice(1, -1).replaceAll('""', '"') ?? this.take(WORD);
      const type = this.take(/^ /) === undefined ? undefined : this.type();
      if (name === undefined || type === undefined) return undefined;
      members.push([name, type]);
    } while (this.take(/^, /) !== undefined);
    return this.take(/^\)/) === undefined ? undefined : { kind: 'struct', members };
  }

  private map(): TypeTree | undefined {
    const key = this.type();
    const value = this.take(/^, /) === undefined ? undefined : this.type();
    if (key === undefined || value === undefined || this.take(/^\)/) === undefined) return undefined;
    return { kind: 'map', key, value };
  }

  private take(pattern: RegExp): string | undefined {
    const text = pattern.exec(this.rest)?.[0];
    if (text !== undefined) this.rest = this.rest.slice(text.length);
    return text;
  }
}
