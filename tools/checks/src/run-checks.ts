import { documentCommands } from './documents/document-commands.ts';
import { documentLinks } from './documents/document-links.ts';
import { documentTests } from './documents/document-tests.ts';
import { decisionRecords } from './documents/decision-records.ts';
import { generatedDocuments } from './documents/generated-documents.ts';
import { packageDocuments } from './documents/package-documents.ts';
import { allowedImports } from './imports/allowed-imports.ts';
import { declaredDependencies } from './imports/declared-dependencies.ts';
import { projectReferences } from './imports/project-references.ts';
import { bannedNames } from './names/banned-names.ts';
import { fileNames } from './names/file-names.ts';
import { publicApi } from './packages/public-api.ts';
import type { Inspection, Rule, Violation } from './rule.ts';
import { environmentAccess } from './text/environment-access.ts';
import { fileSizes } from './text/file-sizes.ts';
import { forbiddenText } from './text/forbidden-text.ts';
import { skippedTests } from './text/skipped-tests.ts';
import type { Workspace } from './workspace.ts';

export const RULES: readonly Rule[] = [
  allowedImports,
  declaredDependencies,
  projectReferences,
  publicApi,
  fileSizes,
  bannedNames,
  fileNames,
  forbiddenText,
  environmentAccess,
  skippedTests,
  documentLinks,
  documentCommands,
  documentTests,
  packageDocuments,
  decisionRecords,
  generatedDocuments,
];

export interface RuleResult extends Inspection {
  readonly rule: string;
}

const BLIND: Violation = {
  file: '.',
  line: 1,
  message: 'the rule found nothing to look at, so it can not say that all is well',
  remedy: 'Correct where it looks, or the "workspaces" in package.json.',
};

/** Runs rules over a workspace. A rule that saw nothing, or failed, has a violation that says so. */
export async function runChecks(workspace: Workspace, rules: readonly Rule[] = RULES): Promise<readonly RuleResult[]> {
  return Promise.all(
    rules.map(async (rule): Promise<RuleResult> => {
      try {
        const inspection = await rule.inspect(workspace);
        const violations = inspection.inspected > 0 ? inspection.violations : [BLIND, ...inspection.violations];
        return { rule: rule.name, ...inspection, violations };
      } catch (error) {
        const message = `the rule itself failed: ${(error as Error).message}`;
        const violation: Violation = { file: '.', line: 1, message, remedy: 'Correct what it could not read.' };
        return { rule: rule.name, inspected: 0, violations: [violation] };
      }
    }),
  );
}
