import type { Workspace } from './workspace.ts';

export interface Violation {
  /** Relative to the root of the workspace. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface Inspection {
  /** How many files, projects or documents were looked at. A rule that sees none is an error, never a pass. */
  readonly inspected: number;
  readonly violations: readonly Violation[];
  /** Figures worth printing, such as a median. */
  readonly notes?: readonly string[];
}

export interface Rule {
  readonly name: string;
  /** One line, for `--list`. */
  readonly purpose: string;
  inspect(workspace: Workspace): Inspection | Promise<Inspection>;
}
