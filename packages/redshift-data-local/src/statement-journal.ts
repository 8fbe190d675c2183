import { closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { LocalError } from './errors.ts';
import type { StatementInput, StatementStatus } from './statement.ts';

export interface Acceptance {
  readonly id: string;
  readonly at: number;
  readonly clientToken?: string;
  /** Without its session, which ends with the process, and without the values of its parameters. */
  readonly input: Omit<StatementInput, 'session'>;
}

export interface Ending {
  readonly id: string;
  readonly at: number;
  readonly status: StatementStatus;
  readonly error?: string;
  readonly rows: number;
}

export interface Recorded {
  readonly acceptance: Acceptance;
  /** Not there when the process ended first. */
  readonly ending?: Ending;
}

type Line = { readonly accepted: Acceptance } | { readonly ended: Ending };

/**
 * What was accepted and how it ended, in a file: a server that was killed knows its statements and their client tokens again
 * when it is started on the same file, as the service does. Lines are the operating system's before they are answered for;
 * a power failure may lose some.
 */
export class StatementJournal {
  private constructor(
    private readonly file: number,
    /** In the order of their acceptance. */
    readonly recorded: readonly Recorded[],
  ) {}

  /** Keeps of the file what was accepted at `since` or later. */
  static open(path: string, since: number): StatementJournal {
    try {
      const recorded = recordedIn(path).filter(({ acceptance }) => acceptance.at >= since);
      const lines = recorded.flatMap(({ acceptance, ending }) => [
        { accepted: acceptance },
        ...(ending === undefined ? [] : [{ ended: ending }]),
      ]);
      writeFileSync(`${path}.new`, lines.map(lineOf).join(''), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return new StatementJournal(openSync(path, 'a'), recorded);
    } catch (error) {
      const { message } = error as Error;
      throw new LocalError(
        'invalid_option',
        `The journal can't be used: ${message}. Give a file that it may write.`,
        error,
      );
    }
  }

  accepted(accepted: Acceptance): void {
    writeSync(this.file, lineOf({ accepted }));
  }

  ended(ended: Ending): void {
    writeSync(this.file, lineOf({ ended }));
  }

  close(): void {
    closeSync(this.file);
  }
}

function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function recordedIn(path: string): readonly Recorded[] {
  const found = new Map<string, Recorded>();
  // What comes after the last line break was not written to its end.
  for (const text of textOf(path).split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as Line;
    if ('accepted' in line) found.set(line.accepted.id, { acceptance: line.accepted });
    else {
      const known = found.get(line.ended.id);
      if (known !== undefined) found.set(line.ended.id, { ...known, ending: line.ended });
    }
  }
  return [...found.values()];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ENOENT') return '';
    throw error;
  }
}
