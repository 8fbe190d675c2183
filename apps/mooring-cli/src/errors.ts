/** 0 stands for what was asked for, 1 for a failure or a finding, 2 for what can't be asked so. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CommandErrorDetails {
  /** Stable. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  readonly exitCode?: ExitCode;
}

/** A command can't do what it was asked for. Holds no token, password, statement or row. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: string;
  readonly remedy: string | undefined;
  readonly exitCode: ExitCode;

  constructor({ code, message, remedy, exitCode = EXIT.failed }: CommandErrorDetails) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

export function wrongUsage(message: string, remedy?: string): CommandError {
  const details = { code: 'wrong_usage', message, exitCode: EXIT.wrongUsage };
  return new CommandError(remedy === undefined ? details : { ...details, remedy });
}
