import { posix } from 'node:path';
import type { Inspection, Rule, Violation } from '../rule.ts';
import { packageOf, type ImportReference, type SourceFile } from '../source-file.ts';
import type { Project, Workspace } from '../workspace.ts';

/** What the sources of a type of package may import, by type. The same type is allowed only where it is listed. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  domain: ['contract'],
  adapter: ['contract'],
  testkit: ['contract'],
  nest: ['contract', 'domain'],
  app: ['contract', 'domain', 'nest'],
  tool: ['contract', 'domain', 'adapter', 'testkit', 'nest', 'app', 'tool'],
};

/** Beyond the table: adapters of something else than the store contract, and who speaks for the services. */
const EXTRA: Readonly<Record<string, readonly string[]>> = {
  'packages/engine-duckdb': ['packages/engine'],
  'packages/engine-redshift': ['packages/engine', 'packages/redshift-sessions'],
  'packages/engine-catalog': ['packages/engine', 'packages/store-postgres', 'packages/store-sqlite'],
  // Whose audit log it prunes.
  'apps/cleanup-worker': ['packages/engine-catalog'],
  'apps/query-api': ['packages/engine-catalog', 'packages/engine-duckdb', 'packages/engine-redshift'],
  // It reads an environment as each of them would, and looks at the catalog that it names.
  'apps/mooring-cli': ['apps/auth-api', 'apps/cleanup-worker', 'apps/query-api', 'packages/engine-catalog'],
};

/** The one package where configuration chooses a store, so the one that loads store adapters, and only when needed. */
const ADAPTER_LOADER = 'packages/nest-session-store';
const WITHOUT_NEST = new Set(['contract', 'domain', 'adapter', 'testkit']);
const ROOT_CONFIGURATION = /^(\.\.\/)+jest\.preset\.mjs$/;

const isTest = (file: SourceFile): boolean => file.role === 'spec' || file.role === 'fixture';

function explainForbidden(
  from: Project,
  file: SourceFile,
  target: Project,
  reference: ImportReference,
): string | undefined {
  const [own, other] = [from.type as string, target.type as string];
  if (from === target || own === 'tool') return undefined;
  if (isTest(file)) return other === 'app' ? 'a spec does not import an app' : undefined;
  if (ALLOWED[own]?.includes(other) === true) return undefined;
  if (EXTRA[from.folder]?.includes(target.folder) === true) return undefined;
  if (from.folder === ADAPTER_LOADER && other === 'adapter') {
    return reference.kind === 'static' ? 'a store adapter is loaded lazily, with import() or as a type' : undefined;
  }
  return `${own} may import ${ALLOWED[own]?.join(', ') || 'nothing of the workspace'}, and ${target.name} is ${other}`;
}

function checkPackageImport(
  workspace: Workspace,
  project: Project,
  file: SourceFile,
  reference: ImportReference,
): string | undefined {
  const name = packageOf(reference.specifier);
  if (name === undefined) return checkRelativeImport(project, file, reference.specifier);
  const target = workspace.projects.find((candidate) => candidate.name === name);
  if (target !== undefined) {
    const subpath = `.${reference.specifier.slice(name.length)}`;
    if (target.manifest.exports?.[subpath] === undefined) return `${name} does not export ${subpath}: a deep import`;
    return explainForbidden(project, file, target, reference);
  }
  if (isTest(file) || file.role === 'config' || project.type === undefined) return undefined;
  if (project.type === 'contract' && !reference.specifier.startsWith('node:')) return 'a contract depends on nothing';
  const fromNest = name.startsWith('@nestjs/') && WITHOUT_NEST.has(project.type);
  return fromNest ? `a ${project.type} package is plain classes, without Nest` : undefined;
}

function checkRelativeImport(project: Project, file: SourceFile, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier);
  if (!target.startsWith(`${project.folder}/`)) {
    return ROOT_CONFIGURATION.test(specifier) ? undefined : 'a relative import leaves the package';
  }
  const fromTests = /\.(spec|fixture)\.(ts|mjs)$/.test(target) && !isTest(file);
  return fromTests ? 'sources do not import what is for specs' : undefined;
}

function inspectProject(workspace: Workspace, project: Project): Violation[] {
  const remedy = 'Move the code to where it belongs, pass the thing in, or change the table with a decision record.';
  if (project.type === undefined || ALLOWED[project.type] === undefined) {
    const message = `${project.name} needs exactly one tag "type:…" out of ${Object.keys(ALLOWED).join(', ')}`;
    return [{ file: `${project.folder}/package.json`, line: 1, message, remedy: 'Set "nx": { "tags": ["type:…"] }.' }];
  }
  return project.files.flatMap((file) => {
    const unreadable = project.type === 'tool' || isTest(file) ? [] : file.unreadableImports;
    return [
      ...unreadable.map((line) => ({
        file: file.path,
        line,
        message: 'nobody can tell what this import() or require() loads',
        remedy: 'Name the module with a plain text.',
      })),
      ...file.imports.flatMap((reference) => {
        const reason = checkPackageImport(workspace, project, file, reference);
        const message = `import of ${reference.specifier}: ${reason}`;
        return reason === undefined ? [] : [{ file: file.path, line: reference.line, message, remedy }];
      }),
    ];
  });
}

export const allowedImports: Rule = {
  name: 'allowed-imports',
  purpose: 'imports between packages follow the table of types; no deep imports; no imports of test code',
  inspect: (workspace): Inspection => ({
    inspected: workspace.projects.reduce((sum, { files }) => sum + files.length, 0),
    violations: workspace.projects.flatMap((project) => inspectProject(workspace, project)),
  }),
};
