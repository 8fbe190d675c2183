import { posix } from 'node:path';
import { listRuntimeDependencies } from '../manifest.ts';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { Project, Workspace } from '../workspace.ts';

interface Configuration {
  readonly references?: readonly { readonly path: string }[];
}

const REMEDY = 'Make "references" the folders of the internal dependencies in package.json.';

function readReferences(workspace: Workspace, file: string): readonly string[] | undefined {
  const text = workspace.texts.get(file);
  if (text === undefined) return undefined;
  const { references = [] } = JSON.parse(text) as Configuration;
  return references.map(({ path }) => posix.join(posix.dirname(file), path).replace(/\/$/, ''));
}

function compare(
  file: string,
  references: readonly string[],
  required: ReadonlySet<string>,
  allowed: ReadonlySet<string>,
  remedy: string,
): Violation[] {
  const missing = [...required].filter((folder) => !references.includes(folder));
  const extra = references.filter((folder) => !allowed.has(folder));
  return [
    ...missing.map((folder) => ({ file, line: 1, message: `the reference to ${folder} is missing`, remedy })),
    ...extra.map((folder) => ({ file, line: 1, message: `the reference to ${folder} has no reason`, remedy })),
  ];
}

function inspectProject(workspace: Workspace, project: Project): Violation[] {
  const foldersOf = (names: readonly string[]): Set<string> =>
    new Set(
      workspace.projects
        .filter(({ name, folder }) => names.includes(name) && workspace.texts.has(`${folder}/tsconfig.json`))
        .map(({ folder }) => folder),
    );
  const runtime = foldersOf(listRuntimeDependencies(project.manifest));
  const development = foldersOf(Object.keys(project.manifest.devDependencies ?? {}));
  const file = `${project.folder}/tsconfig.json`;
  const references = readReferences(workspace, file);
  if (references === undefined) {
    if (!project.files.some(({ path }) => path.endsWith('.ts'))) return [];
    return [{ file, line: 1, message: 'the package has TypeScript but no tsconfig.json', remedy: 'Add one.' }];
  }
  const specFile = `${project.folder}/tsconfig.spec.json`;
  const specReferences = readReferences(workspace, specFile);
  const specRequired = new Set([project.folder, ...development]);
  return [
    ...compare(file, references, runtime, runtime, REMEDY),
    ...(specReferences === undefined
      ? [{ file: specFile, line: 1, message: 'specs are not type-checked: it is missing', remedy: 'Add one.' }]
      : compare(specFile, specReferences, specRequired, new Set([...specRequired, ...runtime]), REMEDY)),
  ];
}

function inspectRoot(workspace: Workspace): Violation[] {
  const file = 'tsconfig.json';
  const references = new Set(readReferences(workspace, file) ?? []);
  const expected = workspace.projects.flatMap(({ folder }) =>
    ['tsconfig.json', 'tsconfig.spec.json']
      .map((name) => `${folder}/${name}`)
      .filter((path) => workspace.texts.has(path)),
  );
  return compare(file, [...references], new Set(expected), new Set(expected), 'List every tsconfig of every project.');
}

export const projectReferences: Rule = {
  name: 'project-references',
  purpose: 'tsconfig references are the internal dependencies, and the root lists every project',
  inspect: (workspace): Inspection => ({
    inspected: workspace.projects.length,
    violations: [
      ...inspectRoot(workspace),
      ...workspace.projects.flatMap((project) => inspectProject(workspace, project)),
    ],
  }),
};
