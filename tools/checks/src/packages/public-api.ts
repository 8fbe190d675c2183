import ts from 'typescript';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { SourceFile } from '../source-file.ts';
import type { Project } from '../workspace.ts';

const MOST_NAMES = 25;

/** Source files behind the entries of `exports`. */
function listEntries(project: Project): readonly SourceFile[] {
  const paths = Object.values(project.manifest.exports ?? {}).map((target) =>
    typeof target === 'string' ? target : (target['@mooring/source'] ?? target['default'] ?? ''),
  );
  return project.files.filter(({ path }) => paths.includes(`.${path.slice(project.folder.length)}`));
}

function countValues(statement: ts.ExportDeclaration): number {
  if (statement.isTypeOnly || statement.exportClause === undefined) return 0;
  if (!ts.isNamedExports(statement.exportClause)) return 1;
  return statement.exportClause.elements.filter((element) => !element.isTypeOnly).length;
}

function explainStatement(statement: ts.Statement): string | undefined {
  if (ts.isExportAssignment(statement)) return 'a default export';
  if (!ts.isExportDeclaration(statement)) return 'something else than a list of names';
  if (statement.exportClause === undefined) return 'export *';
  if (!ts.isNamedExports(statement.exportClause)) return 'export * as a name';
  const names = statement.exportClause.elements.map(({ name }) => name.text);
  if (names.includes('default')) return 'a default export';
  return names.length > 0 && statement.moduleSpecifier === undefined
    ? 'names without the file they come from'
    : undefined;
}

function inspectEntry(entry: SourceFile): Violation[] {
  const { syntax, path } = entry;
  const violations: Violation[] = [];
  let values = 0;
  for (const statement of syntax.statements) {
    const line = syntax.getLineAndCharacterOfPosition(statement.getStart(syntax)).line + 1;
    const found = explainStatement(statement);
    if (found !== undefined) {
      const remedy = "Only list names: export { a } from './a.ts'; export type { A } from './a.ts'.";
      violations.push({ file: path, line, message: `a public API has ${found}`, remedy });
    }
    if (ts.isExportDeclaration(statement)) values += countValues(statement);
  }
  if (values > MOST_NAMES) {
    const message = `${values} exported names (types not counted), more than ${MOST_NAMES}`;
    violations.push({ file: path, line: 1, message, remedy: 'Export what others need, or split the package.' });
  }
  return violations;
}

function inspectProject(project: Project): Violation[] {
  const entries = listEntries(project);
  const named = Object.keys(project.manifest.exports ?? {}).filter((name) => name !== './package.json');
  if (entries.length < named.length) {
    const message = `"exports" has ${named.length} entries, but only ${entries.length} of their source files exist`;
    return [
      { file: `${project.folder}/package.json`, line: 1, message, remedy: 'Name the sources as @mooring/source.' },
    ];
  }
  const violations = entries.flatMap(inspectEntry);
  const exportsSomething = entries.some(({ text }) => text.trim() !== 'export {};');
  const spec = `${project.folder}/src/public-api.spec.ts`;
  if (exportsSomething && !project.files.some(({ path }) => path === spec)) {
    const remedy = "Add a spec that pins Object.keys(await import('./index.ts')).";
    violations.push({ file: spec, line: 1, message: 'no spec pins the public API', remedy });
  }
  return violations;
}

export const publicApi: Rule = {
  name: 'public-api',
  purpose: `index.ts only lists names, at most ${MOST_NAMES}, and a spec pins them`,
  inspect: (workspace): Inspection => ({
    inspected: workspace.projects.flatMap(listEntries).length,
    violations: workspace.projects.flatMap(inspectProject),
  }),
};
