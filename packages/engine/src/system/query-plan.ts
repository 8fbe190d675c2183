import { parseSync } from 'libpg-query';
import { EngineError } from '../errors.ts';
import { isTree, listOf, nodeOf, treeOf, wordOf, wordsOf } from '../sql/postgres/tree.ts';
import type { Tree } from '../sql/postgres/tree.ts';
import type { Column, Row, Value } from '../values.ts';
import { columnIndex, compared, constantOf, termOf, unsupportedQuery } from './query-terms.ts';
import type { QueryNames } from './query-terms.ts';
import type { Equalities, SystemTable } from './system-table.ts';

export interface QueryPlan {
  readonly equal: Equalities;
  answer(rows: readonly Row[]): { readonly columns: readonly Column[]; readonly rows: readonly Row[] };
}

/** Members of a SELECT that are understood, or say nothing of their own. */
const KNOWN: ReadonlySet<string> = new Set([
  'targetList',
  'fromClause',
  'whereClause',
  'sortClause',
  'limitCount',
  'limitOffset',
  'limitOption',
  'op',
]);

/** @throws EngineError */
export function planOf(sql: string, table: SystemTable, parameters: readonly Value[]): QueryPlan {
  const select = selectOf(sql);
  const names: QueryNames = { table, alias: aliasOf(select, table), parameters };
  const where = treeOf(select, 'whereClause');
  const holds = where === undefined ? undefined : termOf(where, names);
  const outputs = outputsOf(select, names);
  const order = orderOf(select, names, outputs);
  const from = numberOf(treeOf(select, 'limitOffset'), names) ?? 0;
  const most = numberOf(treeOf(select, 'limitCount'), names) ?? Infinity;
  return {
    equal: equalitiesOf(where, names),
    answer: (rows) => {
      const found = holds === undefined ? [...rows] : rows.filter((row) => holds(row) === true);
      if ('count' in outputs) {
        return { columns: [outputs.count], rows: [[BigInt(found.length)] as Row].slice(from, from + most) };
      }
      const sorted = order === undefined ? found : found.sort(order);
      return {
        columns: outputs.map(({ column }) => column),
        rows: sorted.slice(from, from + most).map((row) => outputs.map(({ index }) => row[index] ?? null)),
      };
    },
  };
}

interface Output {
  readonly column: Column;
  readonly index: number;
}

/** The columns of the answer, or the one that has how many rows there are. */
type Outputs = readonly Output[] | { readonly count: Column };

function selectOf(sql: string): Tree {
  const [statement] = parseSync(sql).stmts ?? [];
  const [type, select] = nodeOf((isTree(statement) ? treeOf(statement, 'stmt') : undefined) ?? {});
  if (type !== 'SelectStmt') throw unsupportedQuery('this is no SELECT');
  const unknown = Object.keys(select).find((member) => !KNOWN.has(member));
  const isPlain = wordOf(select, 'op') === 'SETOP_NONE' && wordOf(select, 'limitOption') !== 'LIMIT_OPTION_WITH_TIES';
  if (unknown === undefined && isPlain) return select;
  throw unsupportedQuery('this is more than columns, WHERE, ORDER BY and LIMIT');
}

function aliasOf(select: Tree, table: SystemTable): string {
  const [from, ...others] = listOf(select, 'fromClause');
  const [type, relation] = nodeOf(from ?? {});
  if (type !== 'RangeVar' || others.length > 0) throw unsupportedQuery('FROM has one table');
  const alias = treeOf(relation, 'alias');
  return (alias === undefined ? undefined : wordOf(alias, 'aliasname')) ?? table.name;
}

function outputsOf(select: Tree, names: QueryNames): Outputs {
  const targets = listOf(select, 'targetList').map((target) => treeOf(target, 'ResTarget') ?? {});
  const outputs: Output[] = [];
  for (const target of targets) {
    const [type, node] = nodeOf(treeOf(target, 'val') ?? {});
    if (type === 'FuncCall' && isCount(node) && targets.length === 1) {
      return { count: { name: wordOf(target, 'name') ?? 'count', type: 'BIGINT' } };
    }
    if (type !== 'ColumnRef') throw unsupportedQuery('the answer has columns as they are, or count(*) alone');
    if (isStar(node)) {
      outputs.push(...names.table.columns.map((column, index) => ({ column, index })));
      continue;
    }
    const index = columnIndex(node, names);
    const { name, type: columnType } = names.table.columns[index] as Column;
    outputs.push({ column: { name: wordOf(target, 'name') ?? name, type: columnType }, index });
  }
  return outputs;
}

function isStar(node: Tree): boolean {
  return listOf(node, 'fields').some((field) => 'A_Star' in field);
}

/** Of all rows: with FILTER or OVER it would be another number. */
function isCount(node: Tree): boolean {
  const isOfSome = node['agg_filter'] !== undefined || node['over'] !== undefined;
  return wordsOf(node, 'funcname').join('.') === 'count' && node['agg_star'] === true && !isOfSome;
}

function orderOf(select: Tree, names: QueryNames, outputs: Outputs): ((a: Row, b: Row) => number) | undefined {
  const keys = listOf(select, 'sortClause').map((sort) => sortKey(treeOf(sort, 'SortBy') ?? {}, names, outputs));
  if (keys.length === 0) return undefined;
  return (a, b) => {
    for (const key of keys) {
      const order = key(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function sortKey(sort: Tree, names: QueryNames, outputs: Outputs): (a: Row, b: Row) => number {
  const index = sortIndex(treeOf(sort, 'node') ?? {}, names, outputs);
  const direction = wordOf(sort, 'sortby_dir');
  if (direction === 'SORTBY_USING') throw unsupportedQuery('ORDER BY has ASC or DESC');
  const sign = direction === 'SORTBY_DESC' ? -1 : 1;
  const nulls = wordOf(sort, 'sortby_nulls');
  const nullsFirst = nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && sign === -1);
  return (a, b) => {
    const [x, y] = [a[index] ?? null, b[index] ?? null];
    if (x === null || y === null) return x === y ? 0 : (x === null) === nullsFirst ? -1 : 1;
    return (compared(x, y) ?? 0) * sign;
  };
}

/** A column, what an output is called, or the number of an output. */
function sortIndex(tree: Tree, names: QueryNames, outputs: Outputs): number {
  const [type, node] = nodeOf(tree);
  if ('count' in outputs) throw unsupportedQuery('a count has one row');
  if (type === 'A_Const') {
    const output = outputs[Number(constantOf(tree, names)) - 1];
    if (output !== undefined) return output.index;
    throw new EngineError({ code: 'invalid_argument', message: 'ORDER BY has a number that is of no column' });
  }
  if (type !== 'ColumnRef') throw unsupportedQuery('ORDER BY has columns');
  const [name, more] = wordsOf(node, 'fields');
  const output = more === undefined ? outputs.find(({ column }) => column.name === name) : undefined;
  return output?.index ?? columnIndex(node, names);
}

function numberOf(tree: Tree | undefined, names: QueryNames): number | undefined {
  if (tree === undefined) return undefined;
  const value = constantOf(tree, names);
  if (value === null) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new EngineError({ code: 'invalid_argument', message: 'LIMIT and OFFSET are whole numbers, at least 0' });
}

/** `column = value`, of conditions that must all hold. */
function equalitiesOf(where: Tree | undefined, names: QueryNames): Equalities {
  const equal = new Map<string, Value>();
  for (const condition of where === undefined ? [] : conjuncts(where)) {
    const [type, node] = nodeOf(condition);
    if (type !== 'A_Expr' || wordOf(node, 'kind') !== 'AEXPR_OP' || wordsOf(node, 'name')[0] !== '=') continue;
    const [leftType, left] = nodeOf(treeOf(node, 'lexpr') ?? {});
    const right = treeOf(node, 'rexpr') ?? {};
    const [rightType] = nodeOf(right);
    if (leftType !== 'ColumnRef' || (rightType !== 'A_Const' && rightType !== 'ParamRef')) continue;
    const column = names.table.columns[columnIndex(left, names)]?.name ?? '';
    equal.set(column, constantOf(right, names));
  }
  return equal;
}

function conjuncts(tree: Tree): readonly Tree[] {
  const [type, node] = nodeOf(tree);
  if (type !== 'BoolExpr' || wordOf(node, 'boolop') !== 'AND_EXPR') return [tree];
  return listOf(node, 'args').flatMap(conjuncts);
}
