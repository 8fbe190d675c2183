import { EngineError } from '../errors.ts';
import { listOf, nodeOf, treeOf, wordOf, wordsOf } from '../sql/postgres/tree.ts';
import type { Tree } from '../sql/postgres/tree.ts';
import type { Row, Value } from '../values.ts';
import { likeMatches } from './like.ts';
import type { SystemTable } from './system-table.ts';

/** A value of a row; of conditions true, false, or null for unknown. */
export type Term = (row: Row) => Value;

/** What names and parameters of a query mean. */
export interface QueryNames {
  readonly table: SystemTable;
  readonly alias: string;
  readonly parameters: readonly Value[];
}

/** @throws EngineError `unsupported_statement`, `not_found` of columns */
export function termOf(tree: Tree, names: QueryNames): Term {
  const [type, node] = nodeOf(tree);
  switch (type) {
    case 'ColumnRef': {
      const index = columnIndex(node, names);
      return (row) => row[index] ?? null;
    }
    case 'A_Const':
    case 'ParamRef': {
      const value = constantOf(tree, names);
      return () => value;
    }
    case 'NullTest': {
      const term = termOf(treeOf(node, 'arg') ?? {}, names);
      const isNull = wordOf(node, 'nulltesttype') === 'IS_NULL';
      return (row) => (term(row) === null) === isNull;
    }
    case 'BoolExpr':
      return logicOf(
        wordOf(node, 'boolop') ?? '',
        listOf(node, 'args').map((part) => termOf(part, names)),
      );
    case 'A_Expr':
      return comparisonOf(node, names);
    default:
      throw unsupportedQuery('a condition compares columns with values');
  }
}

/** Undefined for what is no value by itself. */
export function constantOf(tree: Tree, { parameters }: QueryNames): Value {
  const [type, node] = nodeOf(tree);
  if (type === 'ParamRef') return parameters[Number(node['number']) - 1] ?? null;
  if (type !== 'A_Const') throw unsupportedQuery('a value is a number, a text, true, false, NULL or a parameter');
  const integer = treeOf(node, 'ival');
  if (integer !== undefined) return Number(integer['ival'] ?? 0);
  const decimal = treeOf(node, 'fval');
  if (decimal !== undefined) return Number(wordOf(decimal, 'fval'));
  const text = treeOf(node, 'sval');
  if (text !== undefined) return wordOf(text, 'sval') ?? '';
  const boolean = treeOf(node, 'boolval');
  return boolean === undefined ? null : boolean['boolval'] === true;
}

/** @throws EngineError `not_found` */
export function columnIndex(node: Tree, { table, alias }: QueryNames): number {
  const fields = wordsOf(node, 'fields');
  const name = fields.at(-1) ?? '';
  const isOfTable = fields.length === 1 || (fields.length === 2 && fields[0] === alias);
  const index = isOfTable ? table.columns.findIndex((column) => column.name === name.toLowerCase()) : -1;
  if (index >= 0) return index;
  const message = `system.${table.name} has no column ${fields.join('.')}`;
  throw new EngineError({ code: 'not_found', message });
}

/** -1, 0 or 1; null where the two can't be compared. */
export function compared(a: Value, b: Value): number | null {
  if (a === null || b === null) return null;
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return null;
  return x === y ? 0 : x < y ? -1 : 1;
}

export function unsupportedQuery(message: string): EngineError {
  const can = 'SELECT columns or count(*) FROM system.t WHERE … ORDER BY … LIMIT … OFFSET …';
  return new EngineError({ code: 'unsupported_statement', message: `${message}: of the system schema, ${can}` });
}

function logicOf(operator: string, terms: readonly Term[]): Term {
  if (operator === 'NOT_EXPR') return (row) => not(terms[0]?.(row) ?? null);
  const decides = operator === 'OR_EXPR';
  return (row) => {
    let isUnknown = false;
    for (const term of terms) {
      const value = term(row);
      if (value === decides) return decides;
      if (value === null) isUnknown = true;
    }
    return isUnknown ? null : !decides;
  };
}

function comparisonOf(node: Tree, names: QueryNames): Term {
  const kind = wordOf(node, 'kind') ?? '';
  const [operator = ''] = wordsOf(node, 'name');
  const left = termOf(treeOf(node, 'lexpr') ?? {}, names);
  const right = treeOf(node, 'rexpr') ?? {};
  if (kind === 'AEXPR_OP') {
    const other = termOf(right, names);
    const holds = Object.hasOwn(ORDERS, operator) ? ORDERS[operator] : undefined;
    if (holds === undefined) throw unsupportedQuery(`the operator ${operator} is not known`);
    return (row) => {
      const order = compared(left(row), other(row));
      return order === null ? null : holds(order);
    };
  }
  if (kind === 'AEXPR_IN') {
    const values = listOf(treeOf(right, 'List') ?? {}, 'items').map((item) => constantOf(item, names));
    const isIn: Term = (row) => {
      const value = left(row);
      if (value === null) return null;
      if (values.some((one) => compared(value, one) === 0)) return true;
      return values.includes(null) ? null : false;
    };
    return operator === '=' ? isIn : (row) => not(isIn(row));
  }
  if (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') {
    const pattern = constantOf(right, names);
    const ignoresCase = kind === 'AEXPR_ILIKE';
    const isLike: Term = (row) => {
      const value = left(row);
      return typeof value === 'string' && typeof pattern === 'string' ? likeMatches(value, pattern, ignoresCase) : null;
    };
    return operator.startsWith('!') ? (row) => not(isLike(row)) : isLike;
  }
  throw unsupportedQuery('conditions are =, <>, <, <=, >, >=, IN, LIKE, ILIKE, IS NULL, AND, OR and NOT');
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function not(value: Value): Value {
  return value === null ? null : value !== true;
}
