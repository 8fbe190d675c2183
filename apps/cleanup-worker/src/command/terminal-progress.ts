import type { RunProgress, StoredRun } from '@mooring/session-sweeper';

/** The part of a stream that is used; standard error fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001B[2K';

/** A line for each task, that shows how far it is. Silent where nobody looks: in a file or a pipe. */
export class TerminalProgress {
  constructor(private readonly terminal: Terminal) {}

  begin(task: string): void {
    this.rewrite(`${task} …`);
  }

  progress(task: string, { step, removed }: RunProgress): void {
    this.rewrite(`${task} … ${step}, ${shownCount(removed)} removed`);
  }

  end(task: string, run: StoredRun | undefined): void {
    const { status = 'skipped', removed = 0, dryRun = false, failure = null } = run?.record ?? {};
    const count = `${shownCount(removed)} ${dryRun ? 'to remove' : 'removed'}`;
    this.rewrite(`${task}: ${failure === null ? `${status}, ${count}` : `${status}: ${failure.message}`}`, '\n');
  }

  private rewrite(text: string, end = ''): void {
    if (this.terminal.isTTY !== true) return;
    const { columns = 80 } = this.terminal;
    this.terminal.write(`${CLEAR_LINE}${end === '' ? text.slice(0, columns - 1) : text}${end}`);
  }
}

function shownCount(count: number): string {
  return count.toLocaleString('en-US');
}
