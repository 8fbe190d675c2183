/**
 * Exact: integers of more than 32 bits are bigints, decimals are texts with their scale. Times are texts in ISO 8601, an
 * interval is a text as the engine writes it; a list is an array, a struct an object, a map an array of pairs.
 */
export type Value =
  string | number | bigint | boolean | null | Uint8Array | readonly Value[] | { readonly [member: string]: Value };

export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  /** The engine's own name of the type, in capitals, such as `BIGINT`, `DECIMAL(18,2)`, `INTEGER[]`, `STRUCT(a INTEGER)`. */
  readonly type: string;
}

/** Rows that come together, column by column: `values[column][row]`. */
export interface RowBatch {
  readonly rowCount: number;
  readonly values: readonly (readonly Value[])[];
}
