/** How many migrations a schema has had, 0 where nothing of it is there, and how many this version of its owner knows. */
export interface SchemaVersion {
  readonly found: number;
  readonly wanted: number;
}

export interface SchemaTrouble {
  readonly problem: string;
  /** Has no full stop. */
  readonly remedy: string;
}

/** For the log of a process that brought a schema up to date. */
export function schemaMigrated(owner: string, { found, wanted }: SchemaVersion): string {
  return `Ran ${wanted - found} migrations of ${owner}, from version ${found} to ${wanted}`;
}

/** What an operator should know of a schema that is not at the version that this process wants. */
export function schemaTrouble(owner: string, { found, wanted }: SchemaVersion): SchemaTrouble | undefined {
  if (found === wanted) return undefined;
  const problem = `the schema of ${owner} is at version ${found}, and version ${wanted} is wanted`;
  return found < wanted
    ? { problem, remedy: 'Run npx mooring migrate with a user who may make tables' }
    : { problem, remedy: 'Run the version of Mooring that made it; this one may not know what has changed' };
}
