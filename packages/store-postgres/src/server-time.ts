/** Epoch milliseconds, floored: `$2` when a clock is injected, else the server's, read once for the statement. */
export const CLOCK = `(
  select coalesce($2::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as ms
)`;

/** The same inside a function whose parameter is `p_clock`. */
export const FUNCTION_CLOCK = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;
