export type { Inspection, Rule, Violation } from './rule.ts';
export { RULES, runChecks } from './run-checks.ts';
export type { RuleResult } from './run-checks.ts';
export { loadWorkspace } from './workspace.ts';
export type { Document, Project, Workspace } from './workspace.ts';
