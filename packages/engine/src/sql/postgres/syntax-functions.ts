import { wordOf } from './tree.ts';
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

/** The name of the function that a node calls without being a call, such as `current_date` or `json_value`. */
export function syntaxFunction(type: string, node: Tree): string | undefined {
  if (Object.hasOwn(BY_TYPE, type)) return BY_TYPE[type];
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
