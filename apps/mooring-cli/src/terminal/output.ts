import type { OutputStream, Streams } from './streams.ts';

const CLEAR_LINE = '\r\u001B[2K';

/** What a command says: one document to the output, everything else to the errors. */
export class Output {
  private readonly data: OutputStream;
  private readonly messages: OutputStream;
  private progressed = false;
  private readonly warned = new Set<string>();

  constructor(
    { output, errors }: Pick<Streams, 'output' | 'errors'>,
    private readonly json: boolean,
  ) {
    this.data = output;
    this.messages = errors;
  }

  /** The result: the document itself with `--json`, else what `shown` makes of it. Once in a command. */
  result(document: object, shown: () => string): void {
    this.endProgress();
    this.data.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : shown());
  }

  /** For the person who waits. */
  note(text: string): void {
    this.endProgress();
    this.messages.write(`${text}\n`);
  }

  /** The same only once. */
  warn(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.note(text);
  }

  /** A line that the next one takes the place of; nothing where nobody looks, as in a file or a pipe. */
  progress(text: string): void {
    if (this.messages.isTTY !== true) return;
    this.progressed = true;
    this.messages.write(`${CLEAR_LINE}${text.slice(0, (this.messages.columns ?? 80) - 1)}`);
  }

  private endProgress(): void {
    if (this.progressed) this.messages.write(CLEAR_LINE);
    this.progressed = false;
  }
}
