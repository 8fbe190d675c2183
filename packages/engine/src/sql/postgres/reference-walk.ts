import { EngineError } from '../../errors.ts';
import type { EngineErrorCode } from '../../errors.ts';
import type { Privilege } from '../../catalog/records.ts';
import { SQL_LIMITS } from '../limits.ts';
import type { References, RelationName } from '../statement.ts';
import { lowerCase } from '../text/lexer.ts';
import { syntaxFunction } from './syntax-functions.ts';
import { isTree, listOf, nodeOf, treeOf, wordOf, wordsOf } from './tree.ts';
import type { Tree } from './tree.ts';

/** CTEs of one WITH, spelled exactly as they are: engines differ in what else would be the same name. */
interface Scope {
  /** By name, which of them it is. */
  readonly ctes: ReadonlyMap<string, number>;
  /** How many of them can be named: those before. */
  readonly visible: number;
  readonly outer: Scope | undefined;
}

interface Visit {
  readonly type: string;
  readonly content: unknown;
  readonly scope: Scope | undefined;
}

type Fail = (code: EngineErrorCode, location: unknown, message: string) => EngineError;

const MERGE_PRIVILEGES: Readonly<Record<string, Privilege>> = {
  CMD_INSERT: 'insert',
  CMD_UPDATE: 'update',
  CMD_DELETE: 'delete',
};

/**
 * Collects what a tree refers to. It goes everywhere, also through nodes that it knows nothing of: whatever looks like a
 * relation is read, unless it is known to be written or to be a CTE for every engine.
 */
export class ReferenceWalk {
  private readonly reads = new Map<string, RelationName>();
  private readonly writes = new Map<string, References['writes'][number]>();
  private readonly functions = new Set<string>();
  private parameterCount = 0;
  /** What the node that is looked at leads to. */
  private next: Visit[] = [];

  constructor(private readonly fail: Fail) {}

  get references(): References {
    return {
      reads: [...this.reads.values()],
      writes: [...this.writes.values()],
      functions: [...this.functions],
      parameterCount: this.parameterCount,
    };
  }

  /** @throws EngineError of a name with too many parts, SELECT … INTO, a lock, too many parameters */
  visit(tree: unknown): void {
    const pending: Visit[] = [{ type: '', content: tree, scope: undefined }];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      this.next = [];
      this.look(visit);
      for (let index = this.next.length - 1; index >= 0; index -= 1) pending.push(this.next[index] as Visit);
    }
  }

  /** The relation that a node names, whichever way its engine resolves it. */
  relation(range: Tree): RelationName {
    if (wordOf(range, 'catalogname') !== undefined) {
      throw this.fail('invalid_name', range['location'], 'The name of a table has up to two parts, namespace.table');
    }
    const namespace = wordOf(range, 'schemaname');
    return {
      namespace: namespace === undefined ? undefined : lowerCase(namespace),
      name: lowerCase(wordOf(range, 'relname') ?? ''),
    };
  }

  private look({ type, content, scope }: Visit): void {
    if (Array.isArray(content)) for (const element of content) this.next.push({ type: '', content: element, scope });
    if (!isTree(content)) return;
    if (wordOf(content, 'relname') !== undefined) return this.read(content, scope);
    if ('limitOption' in content) return this.select(content, scope);
    switch (type) {
      case 'InsertStmt':
        return this.insert(content, scope);
      case 'UpdateStmt':
        return this.change(content, 'update', scope);
      case 'DeleteStmt':
        return this.change(content, 'delete', scope);
      case 'MergeStmt':
        return this.merge(content, scope);
      case 'ParamRef':
        return this.parameter(content);
      case 'FuncCall':
        this.functions.add(wordsOf(content, 'funcname').map(lowerCase).join('.'));
        break;
      default: {
        const name = syntaxFunction(type, content);
        if (name !== undefined) this.functions.add(name);
      }
    }
    this.members(content, [], scope);
  }

  private read(range: Tree, scope: Scope | undefined): void {
    const isQualified = wordOf(range, 'schemaname') !== undefined;
    if (!isQualified && isInScope(wordOf(range, 'relname') ?? '', scope)) return;
    this.addRead(range);
  }

  private addRead(range: Tree): void {
    const relation = this.relation(range);
    this.reads.set(keyOf(relation), relation);
  }

  private write(range: Tree, privilege: Privilege): void {
    const relation = this.relation(range);
    this.writes.set(`${keyOf(relation)}\t${privilege}`, { ...relation, privilege });
  }

  private select(statement: Tree, outer: Scope | undefined): void {
    const into = treeOf(statement, 'intoClause');
    if (into !== undefined) {
      const range = treeOf(into, 'rel');
      const message = 'SELECT … INTO creates a table: write CREATE TABLE name AS SELECT …';
      throw this.fail('unsupported_statement', range?.['location'], message);
    }
    if (listOf(statement, 'lockingClause').length > 0) {
      const message = 'FOR UPDATE and FOR SHARE are not accepted, for no engine locks rows: leave it out';
      throw this.fail('unsupported_statement', undefined, message);
    }
    const scope = this.withCtes(statement, outer);
    this.members(statement, ['withClause'], scope);
  }

  private insert(statement: Tree, outer: Scope | undefined): void {
    const target = treeOf(statement, 'relation') ?? {};
    this.write(target, 'insert');
    const conflict = treeOf(statement, 'onConflictClause');
    if (conflict !== undefined && wordOf(conflict, 'action') === 'ONCONFLICT_UPDATE') this.write(target, 'update');
    if (returns(statement) || (conflict !== undefined && treeOf(conflict, 'infer') !== undefined)) this.addRead(target);
    else if (conflict !== undefined && namesColumn(conflict)) this.addRead(target);
    this.members(statement, ['withClause', 'relation'], this.withCtes(statement, outer));
  }

  private change(statement: Tree, privilege: 'update' | 'delete', outer: Scope | undefined): void {
    const target = treeOf(statement, 'relation') ?? {};
    this.write(target, privilege);
    const looksAtRows = namesColumn([statement['whereClause'], statement['targetList']]);
    if (looksAtRows || returns(statement)) this.addRead(target);
    this.members(statement, ['withClause', 'relation'], this.withCtes(statement, outer));
  }

  private merge(statement: Tree, outer: Scope | undefined): void {
    const target = treeOf(statement, 'relation') ?? {};
    this.addRead(target);
    for (const clause of listOf(statement, 'mergeWhenClauses')) {
      const privilege = MERGE_PRIVILEGES[wordOf(treeOf(clause, 'MergeWhenClause') ?? {}, 'commandType') ?? ''];
      if (privilege !== undefined) this.write(target, privilege);
    }
    this.members(statement, ['withClause', 'relation'], this.withCtes(statement, outer));
  }

  private members(tree: Tree, left: readonly string[], scope: Scope | undefined): void {
    for (const [type, content] of Object.entries(tree)) {
      if (typeof content === 'object' && !left.includes(type)) this.next.push({ type, content, scope });
    }
  }

  /** Goes to the CTEs of a statement; gives the scope of the rest of it. */
  private withCtes(statement: Tree, outer: Scope | undefined): Scope | undefined {
    const clause = treeOf(statement, 'withClause');
    if (clause === undefined) return outer;
    const ctes = new Map<string, number>();
    for (const [visible, cte] of listOf(clause, 'ctes').entries()) {
      const [, content] = nodeOf(cte);
      const name = wordOf(content, 'ctename') ?? '';
      const scope = { ctes, visible, outer };
      if (clause['recursive'] === true) this.recursive(content['ctequery'], name, scope);
      else this.next.push({ type: '', content: content['ctequery'], scope });
      this.members(content, ['ctequery'], scope);
      if (!ctes.has(name)) ctes.set(name, visible);
    }
    return { ctes, visible: ctes.size, outer };
  }

  /**
   * A CTE under WITH RECURSIVE means itself in the second part of its UNION only: everywhere else, as in a CTE that stands
   * before another of that name, DuckDB reads the table, so it counts as read.
   */
  private recursive(query: unknown, name: string, outer: Scope): void {
    const [type, union] = isTree(query) ? nodeOf(query) : ['', {}];
    const second = treeOf(union, 'rarg');
    if (type !== 'SelectStmt' || wordOf(union, 'op') !== 'SETOP_UNION' || second === undefined) {
      this.next.push({ type: '', content: query, scope: outer });
      return;
    }
    this.next.push({ type: '', content: { ...union, rarg: undefined }, scope: outer });
    const inner = listOf(treeOf(union, 'withClause') ?? {}, 'ctes');
    const names = [name, ...inner.map((cte) => wordOf(nodeOf(cte)[1], 'ctename') ?? '')];
    const ctes = new Map(names.map((known, index) => [known, index]));
    this.next.push({ type: '', content: second, scope: { ctes, visible: names.length, outer } });
  }

  private parameter(content: Tree): void {
    const number = content['number'];
    if (typeof number !== 'number') {
      throw this.fail('syntax_error', content['location'], 'Parameters begin with $1');
    }
    if (number > SQL_LIMITS.parameters) {
      const message = `Parameter $${number} is one too many: a statement takes up to ${SQL_LIMITS.parameters}`;
      throw this.fail('parameter_too_many', content['location'], message);
    }
    this.parameterCount = Math.max(this.parameterCount, number);
  }
}

function keyOf({ namespace, name }: RelationName): string {
  return namespace === undefined ? name : `${namespace}\t${name}`;
}

function isInScope(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.outer) {
    if ((at.ctes.get(name) ?? Number.POSITIVE_INFINITY) < at.visible) return true;
  }
  return false;
}

function returns(statement: Tree): boolean {
  return statement['returningClause'] !== undefined || statement['returningList'] !== undefined;
}

/** Whether a column of the target may be looked at; which table a column belongs to is not known here. */
function namesColumn(tree: unknown): boolean {
  const pending = [tree];
  while (pending.length > 0) {
    const value = pending.pop();
    const column = isTree(value) ? treeOf(value, 'ColumnRef') : undefined;
    if (column !== undefined && wordsOf(column, 'fields')[0] !== 'excluded') return true;
    if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) pending.push(child);
  }
  return false;
}
