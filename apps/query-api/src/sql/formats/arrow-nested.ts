import type { Value } from '@mooring/engine';
import { Field, List, Map_, Struct, makeData } from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { Nulls, arrowColumn } from './arrow-columns.ts';
import type { ArrowColumn } from './arrow-columns.ts';
import { typeTree } from './type-tree.ts';
import type { TypeTree } from './type-tree.ts';

type Values = readonly Value[];
type Members = Readonly<Record<string, Value>>;

/** How a column of lists, structs or maps goes into Arrow; undefined of another type. */
export function nestedColumn(type: string): ArrowColumn | undefined {
  const tree = typeTree(type);
  return tree === undefined || tree.kind === 'leaf' ? undefined : columnOf(tree);
}

function columnOf(tree: TypeTree): ArrowColumn {
  if (tree.kind === 'leaf') return arrowColumn(tree.name);
  if (tree.kind === 'list') return lists(columnOf(tree.item));
  if (tree.kind === 'map') return maps(columnOf(tree.key), columnOf(tree.value));
  return structs(tree.members.map(([name, member]) => [name, columnOf(member)]));
}

function lists(item: ArrowColumn): ArrowColumn {
  const type = new List(new Field('item', item.type, true));
  return { type, read: (values, length) => listData(type, values, length, item) };
}

/** Pairs in the order that the engine has them. */
function maps(key: ArrowColumn, value: ArrowColumn): ArrowColumn {
  const fields = [new Field('key', key.type, false), new Field('value', value.type, true)];
  const pairType = new Struct(fields);
  const pairs: ArrowColumn = {
    type: pairType,
    read: (values, length) => {
      const children = [key, value].map((part, index) =>
        part.read(
          values.map((pair) => (pair as Values)[index] ?? null),
          length,
        ),
      );
      return makeData({ type: pairType, length, nullCount: 0, children });
    },
  };
  const type = new Map_(new Field('entries', pairType, false) as ConstructorParameters<typeof Map_>[0]);
  return { type, read: (values, length) => listData(type, values, length, pairs) };
}

function listData(type: DataType, values: Values, length: number, item: ArrowColumn): Data {
  const nulls = new Nulls(length);
  const valueOffsets = new Int32Array(length + 1);
  const items: Value[] = [];
  for (let row = 0; row < length; row += 1) {
    const list = (values[row] ?? null) as Values | null;
    if (list === null) nulls.add(row);
    else for (const one of list) items.push(one);
    valueOffsets[row + 1] = items.length;
  }
  const child = item.read(items, items.length);
  return makeData({ type, length, valueOffsets, child, ...nulls.found } as unknown as Parameters<typeof makeData>[0]);
}

function structs(members: readonly (readonly [name: string, column: ArrowColumn])[]): ArrowColumn {
  const type = new Struct(members.map(([name, column]) => new Field(name, column.type, true)));
  return {
    type,
    read: (values, length) => {
      const nulls = new Nulls(length);
      for (let row = 0; row < length; row += 1) if ((values[row] ?? null) === null) nulls.add(row);
      const children = members.map(([name, member]) =>
        member.read(
          values.map((value) => (value as Members | null)?.[name] ?? null),
          length,
        ),
      );
      return makeData({ type, length, children, ...nulls.found });
    },
  };
}
