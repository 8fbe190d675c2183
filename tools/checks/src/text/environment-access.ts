import ts from 'typescript';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { SourceFile } from '../source-file.ts';
import type { Project } from '../workspace.ts';

/** Runs before anything is installed, so it has no configuration to read but the environment. */
const BEFORE_INSTALLATION = 'tools/workspace';

function mayReadEnvironment(project: Project, file: SourceFile): boolean {
  if (file.role === 'spec' || file.role === 'fixture' || project.folder === BEFORE_INSTALLATION) return true;
  return (project.type === 'app' || project.type === 'tool') && /\/(config|main)\.(ts|mjs)$/.test(file.path);
}

function listReads(file: SourceFile): number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === 'env' && node.expression.getText() === 'process') {
      lines.push(file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1);
    } else if (ts.isImportSpecifier(node) && node.name.text === 'env') {
      const declaration = node.parent.parent.parent;
      const from = ts.isImportDeclaration(declaration) ? declaration.moduleSpecifier.getText() : '';
      if (/process['"]$/.test(from)) {
        lines.push(file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
  return lines;
}

export const environmentAccess: Rule = {
  name: 'environment-access',
  purpose: 'process.env is read in config.ts (or handed to it by main.ts) of apps and tools, and nowhere else',
  inspect: (workspace): Inspection => ({
    inspected: workspace.projects.reduce((sum, { files }) => sum + files.length, 0),
    violations: workspace.projects.flatMap((project) =>
      project.files
        .filter((file) => !mayReadEnvironment(project, file))
        .flatMap((file) =>
          listReads(file).map((line): Violation => ({
            file: file.path,
            line,
            message: 'process.env is read here',
            remedy: 'Take a plain option; let config.ts of the app or tool read the environment.',
          })),
        ),
    ),
  }),
};
