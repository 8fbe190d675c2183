import type { EngineError } from '../../errors.ts';
import type { EngineErrorCode } from '../../errors.ts';
import type { DataStatement, RelationName, StatementPlace, TableStatement } from '../statement.ts';
import { lowerCase } from '../text/lexer.ts';
import type { Piece } from '../text/pieces.ts';
import { offsetOf, parsed } from './parser.ts';
import { ReferenceWalk } from './reference-walk.ts';
import { listOf, nodeOf, treeOf, wordOf, wordsOf } from './tree.ts';
import type { Tree } from './tree.ts';

type WithoutPlace<S> = S extends unknown ? Omit<S, keyof StatementPlace> : never;

/** A statement on tables without its place. */
export type SqlBody = WithoutPlace<DataStatement | TableStatement>;
/** What a table statement says beyond its references. */
type TableBody =
  WithoutPlace<TableStatement> extends infer S ? (S extends unknown ? Omit<S, 'references'> : never) : never;

const DATA_KINDS = {
  SelectStmt: 'select',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
} as const;

const COLUMN_CHANGES: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AddConstraint',
  'AT_DropConstraint',
]);

/** Clauses of CREATE TABLE that PostgreSQL alone has, by the member that holds them. */
const FOREIGN_CLAUSES: Readonly<Record<string, string>> = {
  inhRelations: 'INHERITS and PARTITION OF',
  partspec: 'PARTITION BY',
  ofTypename: 'OF',
  options: 'WITH (…)',
  tablespacename: 'TABLESPACE',
  tableSpaceName: 'TABLESPACE',
  accessMethod: 'USING',
};

/** A statement that PostgreSQL's grammar has. @throws EngineError */
export function sqlStatement(piece: Piece): SqlBody {
  const [type, statement] = nodeOf(parsed(piece));
  return new Classifier(piece).body(type, statement);
}

class Classifier {
  private readonly walk: ReferenceWalk;

  constructor(private readonly piece: Piece) {
    this.walk = new ReferenceWalk((code, location, message) => this.fail(code, location, message));
  }

  body(type: string, statement: Tree): SqlBody {
    const kind = dataKind(type);
    if (kind !== undefined) {
      this.walk.visit({ [type]: statement });
      return { kind, references: this.walk.references };
    }
    if (type === 'ExplainStmt') return this.explain(statement);
    const table = this.tableBody(type, statement);
    return { ...table, references: this.walk.references };
  }

  private tableBody(type: string, statement: Tree): TableBody {
    switch (type) {
      case 'CreateStmt':
        return this.createTable(statement);
      case 'CreateTableAsStmt':
        return this.createTableAs(statement);
      case 'ViewStmt':
        return this.createView(statement);
      case 'AlterTableStmt':
        return this.alterTable(statement);
      case 'RenameStmt':
        return this.rename(statement);
      case 'DropStmt':
        return this.drop(statement);
      default:
        throw this.unsupported('This statement is not accepted');
    }
  }

  private explain(statement: Tree): SqlBody {
    const [type, explained] = nodeOf(treeOf(statement, 'query') ?? {});
    if (dataKind(type) === undefined) {
      throw this.unsupported('EXPLAIN takes a SELECT, INSERT, UPDATE, DELETE or MERGE');
    }
    this.walk.visit({ [type]: explained });
    const analyze = listOf(statement, 'options').some((option) => wordOf(nodeOf(option)[1], 'defname') === 'analyze');
    return { kind: 'explain', analyze, references: this.walk.references };
  }

  private createTable(statement: Tree): TableBody {
    const range = this.created(statement, treeOf(statement, 'relation') ?? {});
    this.walk.visit(statement['tableElts']);
    this.walk.visit(statement['constraints']);
    return {
      kind: 'create_table',
      table: this.walk.relation(range),
      ifNotExists: statement['if_not_exists'] === true,
      temporary: isTemporary(range),
    };
  }

  private createTableAs(statement: Tree): TableBody {
    if (wordOf(statement, 'objtype') !== 'OBJECT_TABLE') {
      throw this.unsupported('Materialized views are not accepted: write CREATE TABLE name AS SELECT …');
    }
    const query = treeOf(statement, 'query') ?? {};
    if (nodeOf(query)[0] !== 'SelectStmt') throw this.unsupported('CREATE TABLE AS takes a query');
    const into = treeOf(statement, 'into') ?? {};
    const range = this.created(into, treeOf(into, 'rel') ?? {});
    this.walk.visit(query);
    return {
      kind: 'create_table',
      table: this.walk.relation(range),
      ifNotExists: statement['if_not_exists'] === true,
      temporary: isTemporary(range),
    };
  }

  private createView(statement: Tree): TableBody {
    const range = this.created(statement, treeOf(statement, 'view') ?? {});
    this.walk.visit(statement['query']);
    return {
      kind: 'create_view',
      table: this.walk.relation(range),
      orReplace: statement['replace'] === true,
      temporary: isTemporary(range),
    };
  }

  private alterTable(statement: Tree): TableBody {
    if (wordOf(statement, 'objtype') !== 'OBJECT_TABLE') throw this.unsupported('ALTER is accepted of tables only');
    for (const command of listOf(statement, 'cmds')) {
      const [, change] = nodeOf(command);
      if (!COLUMN_CHANGES.has(wordOf(change, 'subtype') ?? '')) {
        throw this.unsupported('ALTER TABLE changes columns, constraints and names only');
      }
    }
    this.walk.visit(statement['cmds']);
    const table = this.walk.relation(treeOf(statement, 'relation') ?? {});
    return { kind: 'alter_table', table, ifExists: statement['missing_ok'] === true };
  }

  private rename(statement: Tree): TableBody {
    const type = wordOf(statement, 'renameType');
    const isTable = type === 'OBJECT_TABLE';
    const isOfTable = wordOf(statement, 'relationType') === 'OBJECT_TABLE' || type === 'OBJECT_TABCONSTRAINT';
    if (!isTable && !isOfTable)
      throw this.unsupported('RENAME is accepted of tables, columns and constraints of tables');
    return {
      kind: 'alter_table',
      table: this.walk.relation(treeOf(statement, 'relation') ?? {}),
      ifExists: statement['missing_ok'] === true,
      ...(isTable ? { renameTo: lowerCase(wordOf(statement, 'newname') ?? '') } : {}),
    };
  }

  private drop(statement: Tree): TableBody {
    const type = wordOf(statement, 'removeType');
    if (type !== 'OBJECT_TABLE' && type !== 'OBJECT_VIEW') {
      throw this.unsupported('DROP is accepted of TABLE, VIEW, NAMESPACE, STORAGE and USER');
    }
    return {
      kind: type === 'OBJECT_TABLE' ? 'drop_table' : 'drop_view',
      tables: listOf(statement, 'objects').map((object) => this.named(wordsOf(treeOf(object, 'List') ?? {}, 'items'))),
      ifExists: statement['missing_ok'] === true,
      cascade: wordOf(statement, 'behavior') === 'DROP_CASCADE',
    };
  }

  /** The relation that is created, unless with clauses that no engine here has. */
  private created(clauses: Tree, range: Tree): Tree {
    const clause = Object.keys(FOREIGN_CLAUSES).find((member) => clauses[member] !== undefined);
    if (clause !== undefined) {
      throw this.unsupported(`${FOREIGN_CLAUSES[clause] ?? ''} of CREATE is not accepted`, range['location']);
    }
    const onCommit = wordOf(clauses, 'oncommit') ?? wordOf(clauses, 'onCommit');
    if (onCommit === 'ONCOMMIT_DROP' || onCommit === 'ONCOMMIT_DELETE_ROWS') {
      throw this.unsupported('ON COMMIT is not accepted: a temporary table ends with its session', range['location']);
    }
    if (wordOf(range, 'relpersistence') === 'u') throw this.unsupported('UNLOGGED is not accepted', range['location']);
    return range;
  }

  private named(parts: readonly string[]): RelationName {
    const [name = '', namespace, tooMany] = parts.toReversed().map(lowerCase);
    if (tooMany !== undefined) {
      throw this.fail('invalid_name', undefined, 'The name of a table has up to two parts, namespace.table');
    }
    return { namespace, name };
  }

  private unsupported(message: string, location?: unknown): EngineError {
    return this.fail('unsupported_statement', location, message);
  }

  private fail(code: EngineErrorCode, location: unknown, message: string): EngineError {
    return this.piece.places.error(code, offsetOf(this.piece, location), message);
  }
}

function dataKind(type: string): (typeof DATA_KINDS)[keyof typeof DATA_KINDS] | undefined {
  return Object.hasOwn(DATA_KINDS, type) ? DATA_KINDS[type as keyof typeof DATA_KINDS] : undefined;
}

function isTemporary(range: Tree): boolean {
  return wordOf(range, 'relpersistence') === 't';
}
