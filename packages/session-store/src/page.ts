export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number;
  /** From the page before; opaque. A cursor of another list or store is an `invalid_argument`. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly cursor?: string;
}
