import { lowerCase } from '../text/lexer.ts';
import { wordOf, wordsOf } from './tree.ts';
import type { Tree } from './tree.ts';

/** Functions with a syntax of their own, by the type of their node. */
const BY_TYPE: Readonly<Record<string, string>> = {
  JsonArrayAgg: 'json_arrayagg',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonObjectConstructor: 'json_object',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonTable: 'json_table',
  MergeSupportFunc: 'merge_action',
  RangeTableFunc: 'xmltable',
  XmlSerialize: 'xmlserialize',
};

/** Types whose values are names of objects: a cast to one looks it up, whoever may see it. */
const LOOK_UP = /^reg[a-z]+$/;

/** The name of the function that a node calls without being a call, such as `current_date`, `json_value` or `regclass`. */
export function syntaxFunction(type: string, node: Tree): string | undefined {
  if (Object.hasOwn(BY_TYPE, type)) return BY_TYPE[type];
  if (type === 'typeName' || type === 'TypeName') {
    const name = lowerCase(wordsOf(node, 'names').at(-1) ?? '');
    return LOOK_UP.test(name) ? name : undefined;
  }
  const operation = wordOf(node, 'op') ?? '';
  if (type === 'SQLValueFunction')
    return operation
      .replace(/^SVFOP_/, '')
      .replace(/_N$/, '')
      .toLowerCase();
  if (type === 'JsonFuncExpr') return operation.replace(/_OP$/, '').toLowerCase();
  if (type === 'XmlExpr') return operation.replace(/^IS_/, '').toLowerCase();
  return undefined;
}
