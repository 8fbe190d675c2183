/**
 * Exact: integers of more than 32 bits are bigints, decimals are texts with their scale. Times are texts in ISO 8601, an
 * interval is a text as the engine writes it; a list is an array, a struct an object, a map an array of pairs.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [member: string]: Value };

export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  /** The engine's own name of the type, in capitals, such as `BIGINT`, `DECIMAL(18,2)`, `INTEGER[]`, `STRUCT(a INTEGER)`. */
  readonly type: string;
}

/**
 * Rows that come together, column by column: `values[column][row]`. Read what you need before you ask for the next batch: an
 * engine may need the memory then.
 */
export interface RowBatch {
  readonly rowCount: number;
  readonly values: readonly (readonly Value[])[];
  /** The same column as it lies in memory, where the engine has it so; who only wants that spares the engine the values. */
  packed?(column: number): PackedColumn | undefined;
}

/**
 * A column of one of the types that Arrow and the engine have alike: whole and floating numbers, a DATE in days and a
 * TIMESTAMP in microseconds since 1970, a text as UTF-8. Rows without a value are zeros, and no text. The next batch may be
 * written over it.
 */
export interface PackedColumn {
  readonly data:
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigUint64Array
    | Float32Array
    | Float64Array;
  /** Of texts: where each begins in `data`, and where the last ends. */
  readonly offsets?: Int32Array;
  /** A bit for each row, from the lowest of the first byte on: 1 where it has a value. Undefined where all have one. */
  readonly validity: Uint8Array | undefined;
}
