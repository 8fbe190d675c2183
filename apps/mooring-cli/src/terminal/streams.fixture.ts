import { PassThrough } from 'node:stream';
import type { InputStream, OutputStream, Streams } from './streams.ts';

class Written implements OutputStream {
  text = '';

  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.text += text;
  }
}

export interface CapturedStreams extends Streams {
  readonly input: InputStream & PassThrough;
  readonly output: OutputStream & { readonly text: string };
  readonly errors: OutputStream & { readonly text: string };
}

/** Streams that remember what was written; `typed` is what the input holds. */
export function capturedStreams({ isTTY = false, typed = '' } = {}): CapturedStreams {
  const input = Object.assign(new PassThrough(), { isTTY });
  if (!isTTY) input.end(typed);
  return { input, output: new Written(isTTY), errors: new Written(isTTY) };
}
