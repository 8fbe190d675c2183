/** Epoch milliseconds, floored: `$2` when a clock is injected, else the server's, read once for the statement. */
export const CLOCK = `(
  select coalesce($2::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as ms
)`;

/** The same as an expression, for statements that only read: when the statement arrived, wherever it stands in it. */
export const ARRIVED = `coalesce($2::bigint, floor(date_part('epoch', statement_timestamp()) * 1000)::bigint)`;

/** Part of a condition, for statements without a clock: each parameter that is sent must be used. */
export const CLOCK_UNUSED = `$2::bigint is not distinct from $2::bigint`;
