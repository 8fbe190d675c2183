import ts from 'typescript';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { SourceFile } from '../source-file.ts';

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe']);
const FOCUSED = new Set(['fit', 'fdescribe']);
const DISABLED = new Set(['xit', 'xtest', 'xdescribe']);
const REASON = /\[optional: [^\]]+\]|\breason: \S/;

/** `const maybe = ready ? it : it.skip;` is explained where it is used, right after. */
const NEAR_LINES = 3;

type Finding = { readonly kind: 'focused' | 'skipped'; readonly node: ts.Node };

function listFindings(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const root = node.expression.getText().split('.')[0] ?? '';
      const isTest = TEST_FUNCTIONS.has(root);
      if (isTest && node.name.text === 'only') findings.push({ kind: 'focused', node });
      if (isTest && ['skip', 'todo', 'skipIf'].includes(node.name.text)) findings.push({ kind: 'skipped', node });
    } else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      if (FOCUSED.has(node.expression.text)) findings.push({ kind: 'focused', node });
      if (DISABLED.has(node.expression.text)) findings.push({ kind: 'skipped', node });
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
  return findings;
}

function inspectFile(file: SourceFile): Violation[] {
  const lines = file.text.split('\n');
  return listFindings(file).flatMap(({ kind, node }): Violation[] => {
    const line = file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
    if (kind === 'focused') {
      const message = 'a focused test keeps all others from running';
      return [{ file: file.path, line, message, remedy: 'Remove the focus.' }];
    }
    const isExplained = lines.slice(Math.max(0, line - 2), line + NEAR_LINES).some((text) => REASON.test(text));
    if (isExplained) return [];
    const remedy = 'Write why: "[optional: needs …]" in the name of the test, or a comment "reason: …" beside it.';
    return [{ file: file.path, line, message: 'a test is skipped without a written reason', remedy }];
  });
}

export const skippedTests: Rule = {
  name: 'skipped-tests',
  purpose: 'no focused tests, and no skipped ones without a written reason',
  inspect: (workspace): Inspection => {
    const specs = workspace.projects.flatMap(({ files }) => files.filter(({ role }) => role !== 'config'));
    return { inspected: specs.length, violations: specs.flatMap(inspectFile) };
  },
};
