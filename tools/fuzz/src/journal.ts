import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Says in a file which inputs are being read, for whoever watches the process that reads them. */
export class Journal {
  private readonly file: number;
  private readonly inputs: string[] = [];

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  /** @param place of those that read side by side; it keeps its last input, whose work may go on unheard */
  note(input: string, place = 0): void {
    this.inputs[place] = input;
    ftruncateSync(this.file);
    writeSync(this.file, JSON.stringify(this.inputs), 0);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** @returns what was being read, one a line */
export function readJournal(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text === '' ? '' : (JSON.parse(text) as (string | null)[]).filter((input) => input !== null).join('\n');
}
