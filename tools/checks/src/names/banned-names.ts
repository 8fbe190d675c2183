import { basename } from 'node:path';
import ts from 'typescript';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { SourceFile } from '../source-file.ts';
import type { Workspace } from '../workspace.ts';

/** Rooms without an owner: whatever is put there belongs elsewhere. */
const BANNED = new Set(['common', 'shared', 'util', 'utils', 'helper', 'helpers', 'core', 'base', 'misc']);
/** Part of a longer name these say something (`base-url`), the others never do. */
const FINE_IN_PART = new Set(['core', 'base']);

const REMEDY = 'Name it after the thing it is or makes.';

function findBannedPart(name: string): string | undefined {
  const stem = name.replace(/\.[a-z.]+$/, '');
  if (BANNED.has(stem)) return stem;
  return stem.split(/[-._]/).find((part) => BANNED.has(part) && !FINE_IN_PART.has(part));
}

function listPathViolations(workspace: Workspace): Violation[] {
  const seen = new Set<string>();
  return workspace.projects.flatMap((project) =>
    project.files.flatMap(({ path }) =>
      path.split('/').flatMap((_part, index, parts) => {
        const upTo = parts.slice(0, index + 1).join('/');
        const banned = seen.has(upTo) ? undefined : findBannedPart(basename(upTo));
        seen.add(upTo);
        return banned === undefined
          ? []
          : [{ file: path, line: 1, message: `"${basename(upTo)}" says nothing ("${banned}")`, remedy: REMEDY }];
      }),
    ),
  );
}

function hasInjectable(node: ts.Node): boolean {
  const decorators = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return decorators.some(({ expression }) => expression.getText().startsWith('Injectable'));
}

function explainType(
  node: ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration,
): string | undefined {
  const name = node.name?.text ?? '';
  const suffix = /(?:Impl|Manager|Helpers?|Utils?)$/.exec(name)?.[0];
  if (suffix !== undefined) return `"${name}" ends in ${suffix}`;
  if (/^I[A-Z][a-z]/.test(name)) return `"${name}" has the prefix I`;
  if (name.endsWith('Service') && ts.isClassDeclaration(node) && !hasInjectable(node)) {
    return `"${name}" ends in Service and is no Nest provider`;
  }
  return undefined;
}

function listTypeViolations(file: SourceFile): Violation[] {
  return file.syntax.statements.flatMap((node) => {
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return [];
    const message = explainType(node);
    const line = file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
    return message === undefined ? [] : [{ file: file.path, line, message, remedy: REMEDY }];
  });
}

export const bannedNames: Rule = {
  name: 'banned-names',
  purpose: 'no utils, helpers, common …; no Impl, Manager, Helper, I-prefix',
  inspect: (workspace): Inspection => {
    const files = workspace.projects.flatMap((project) => project.files);
    return {
      inspected: files.length,
      violations: [...listPathViolations(workspace), ...files.flatMap(listTypeViolations)],
    };
  },
};
