/** What the program is told to open, as JSON in its first argument. */
export interface Opening {
  readonly module: string;
  readonly open: string;
  readonly options: unknown;
}

/** A call of `path[0].path[1](…args)`, or of `path[0](…args)`. */
export interface Call {
  readonly id: number;
  readonly path: readonly string[];
  readonly args: readonly unknown[];
}

export interface Answer {
  /** 0: of the opening. */
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: Readonly<Record<string, unknown>>;
}
