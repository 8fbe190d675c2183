/** The part of an output stream that is used. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

/** Data goes to `output`; all that is said about it to `errors`. */
export interface Streams {
  readonly input: InputStream;
  readonly output: OutputStream;
  readonly errors: OutputStream;
}
