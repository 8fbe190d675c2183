import { EngineError } from '../../errors.ts';
import type { EngineErrorCode, EngineErrorDetails } from '../../errors.ts';

/** Lines and columns of a batch, and errors that name them. */
export class Places {
  private lineStarts: number[] | undefined;

  constructor(private readonly sql: string) {}

  at(offset: number): { readonly offset: number; readonly line: number; readonly column: number } {
    this.lineStarts ??= [0, ...[...this.sql.matchAll(/\r\n?|\n/g)].map((end) => end.index + end[0].length)];
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }

  error(code: EngineErrorCode, offset: number, message: string, facts: EngineErrorDetails['facts'] = {}): EngineError {
    const { line, column } = this.at(offset);
    return new EngineError({ code, message: `${message} (line ${line}, column ${column})`, line, column, facts });
  }
}
