import type { AccessLevel, Privilege, StorageType } from '../catalog/records.ts';
import type { Role } from '../context/role.ts';

/**
 * A table, view or other relation as a statement names it, in lower case (A to Z) even where it stands in quotes: the
 * engines don't tell `"Flights"` from `flights`, so nor do grants.
 */
export interface RelationName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What a statement touches, wherever in it: subqueries, CTEs and set operations included, names of CTEs left out. */
export interface References {
  /** Also what is written, where its rows are looked at: RETURNING, ON CONFLICT (…), a column in WHERE or SET, MERGE. */
  readonly reads: readonly RelationName[];
  readonly writes: readonly (RelationName & { readonly privilege: Privilege })[];
  /** Functions that are called, folded, with their schema where one is given: `pg_catalog.now`, `read_csv`. */
  readonly functions: readonly string[];
  /** The highest `$n`; 0 of none. */
  readonly parameterCount: number;
}

export interface StatementPlace {
  /**
   * The statement's own text, without what separates it from others, with blanks for comments: character for character as
   * in the batch, but for a password, which is not in it.
   */
  readonly text: string;
  /** Where it begins in the batch: from 0 in characters (UTF-16, as JavaScript counts them), line and column from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export type DataStatement = StatementPlace & { readonly references: References } & (
    | {
        /** A `select` can write too, by a CTE: its `references` say so. */
        readonly kind: 'select' | 'insert' | 'update' | 'delete' | 'merge';
      }
    | {
        /** Its references are those of the statement that it explains, which `analyze` runs: DuckDB does so at `ANALYZE off`, too. */
        readonly kind: 'explain';
        readonly analyze: boolean;
      }
  );

export type TableStatement = StatementPlace & { readonly references: References } & (
    | {
        readonly kind: 'create_table';
        readonly table: RelationName;
        readonly ifNotExists: boolean;
        readonly temporary: boolean;
      }
    | {
        readonly kind: 'create_view';
        readonly table: RelationName;
        readonly orReplace: boolean;
        readonly temporary: boolean;
      }
    | {
        readonly kind: 'alter_table';
        readonly table: RelationName;
        readonly ifExists: boolean;
        readonly renameTo?: string;
      }
    | {
        readonly kind: 'drop_table' | 'drop_view';
        readonly tables: readonly RelationName[];
        readonly ifExists: boolean;
        readonly cascade: boolean;
      }
  );

export type OwnStatement = StatementPlace &
  (
    | {
        readonly kind: 'create_namespace';
        readonly name: string;
        readonly ifNotExists: boolean;
        readonly storage: string | undefined;
        readonly description: string | undefined;
      }
    | {
        readonly kind: 'alter_namespace';
        readonly name: string;
        readonly description?: string;
        readonly owner?: string;
      }
    | { readonly kind: 'drop_namespace'; readonly name: string; readonly ifExists: boolean; readonly cascade: boolean }
    | { readonly kind: 'show_namespaces' | 'show_storages' }
    | { readonly kind: 'use_namespace'; readonly name: string }
    | {
        readonly kind: 'create_storage';
        readonly name: string;
        readonly ifNotExists: boolean;
        readonly type: StorageType;
        readonly description: string | undefined;
        readonly options: Readonly<Record<string, string>>;
      }
    | {
        readonly kind: 'alter_storage';
        readonly name: string;
        readonly description?: string;
        readonly options: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'drop_storage'; readonly name: string; readonly ifExists: boolean }
    | { readonly kind: 'show_tables'; readonly namespace: string | undefined }
    | { readonly kind: 'describe_table'; readonly table: RelationName }
    | { readonly kind: 'set_table_access'; readonly table: RelationName; readonly access: AccessLevel }
    | {
        readonly kind: 'grant' | 'revoke';
        readonly table: RelationName;
        readonly privileges: readonly Privilege[];
        readonly grantee: { readonly user: string } | { readonly role: Role };
      }
    | {
        readonly kind: 'create_user';
        readonly name: string;
        readonly ifNotExists: boolean;
        readonly role: Role;
        readonly password: SecretText | undefined;
      }
    | {
        readonly kind: 'alter_user';
        readonly name: string;
        readonly role?: Role;
        readonly password?: SecretText;
        readonly disabled?: boolean;
      }
    | { readonly kind: 'drop_user'; readonly name: string; readonly ifExists: boolean }
    | { readonly kind: 'execute_as_user'; readonly user: string; readonly statement: Statement }
    | { readonly kind: 'kill_query' | 'kill_job'; readonly id: string }
    | { readonly kind: 'begin' | 'commit' | 'rollback' }
    | { readonly kind: 'set'; readonly name: string; readonly value: string }
    | { readonly kind: 'reset'; readonly name: string }
  );

/** Not shown by any serialization, log or error. */
export interface SecretText {
  reveal(): string;
  /** What stands for it. */
  toString(): string;
}

export type Statement = DataStatement | TableStatement | OwnStatement;
export type StatementKind = Statement['kind'];
