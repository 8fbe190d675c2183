import type { Client } from 'pg';

/** Redshift's functions that PostgreSQL lacks live here; translation writes the schema before their names. */
export const FUNCTIONS_SCHEMA = 'redshift_local';

/** Names that get the schema when a parenthesis follows. */
export const PROVIDED_FUNCTIONS: ReadonlySet<string> = new Set([
  'getdate',
  'dateadd',
  'datediff',
  'charindex',
  'strtol',
  'add_months',
  'months_between',
  'last_day',
  'convert_timezone',
  'json_extract_path_text',
  'is_valid_json',
  'is_valid_json_array',
  'json_extract_array_element_text',
  'json_array_length',
  'json_parse',
  'json_serialize',
  'next_day',
  'replicate',
  'sha2',
  'trunc',
]);

const PARTS = `CASE lower(part)
  WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'yrs' THEN 'year' WHEN 'years' THEN 'year'
  WHEN 'qtr' THEN 'quarter' WHEN 'qtrs' THEN 'quarter' WHEN 'quarters' THEN 'quarter'
  WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month'
  WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week'
  WHEN 'd' THEN 'day' WHEN 'days' THEN 'day'
  WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hrs' THEN 'hour' WHEN 'hours' THEN 'hour'
  WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'mins' THEN 'minute' WHEN 'minutes' THEN 'minute'
  WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'secs' THEN 'second' WHEN 'seconds' THEN 'second'
  WHEN 'ms' THEN 'milliseconds' WHEN 'msec' THEN 'milliseconds' WHEN 'millisecond' THEN 'milliseconds'
  WHEN 'us' THEN 'microseconds' WHEN 'usec' THEN 'microseconds' WHEN 'microsecond' THEN 'microseconds'
  ELSE lower(part) END`;

const SCHEMA = `
CREATE SCHEMA IF NOT EXISTS redshift_local;

CREATE OR REPLACE FUNCTION redshift_local.getdate() RETURNS timestamp LANGUAGE sql STABLE AS
  $$ SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'utc') $$;

CREATE OR REPLACE FUNCTION redshift_local.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS
  $$ SELECT transaction_timestamp() AT TIME ZONE 'utc' $$;

CREATE OR REPLACE FUNCTION redshift_local.part_of(part text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ${PARTS} $$;

CREATE OR REPLACE FUNCTION redshift_local.dateadd(part text, amount numeric, at timestamp) RETURNS timestamp
  LANGUAGE sql IMMUTABLE AS $$
  SELECT at + CASE redshift_local.part_of(part)
    WHEN 'quarter' THEN make_interval(months => 3 * trunc(amount)::int)
    ELSE (trunc(amount)::bigint::text || ' ' || redshift_local.part_of(part))::interval END $$;

CREATE OR REPLACE FUNCTION redshift_local.dateadd(part text, amount numeric, at timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE AS $$
  SELECT at + CASE redshift_local.part_of(part)
    WHEN 'quarter' THEN make_interval(months => 3 * trunc(amount)::int)
    ELSE (trunc(amount)::bigint::text || ' ' || redshift_local.part_of(part))::interval END $$;

CREATE OR REPLACE FUNCTION redshift_local.dateadd(part text, amount numeric, at date) RETURNS timestamp
  LANGUAGE sql IMMUTABLE AS $$ SELECT redshift_local.dateadd(part, amount, at::timestamp) $$;

CREATE OR REPLACE FUNCTION redshift_local.datediff(part text, a timestamp, b timestamp) RETURNS bigint
  LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE redshift_local.part_of(part)
    WHEN 'year' THEN (date_part('year', b) - date_part('year', a))::bigint
    WHEN 'quarter' THEN ((date_part('year', b) - date_part('year', a)) * 4 + date_part('quarter', b) - date_part('quarter', a))::bigint
    WHEN 'month' THEN ((date_part('year', b) - date_part('year', a)) * 12 + date_part('month', b) - date_part('month', a))::bigint
    WHEN 'week' THEN ((date_trunc('week', b)::date - date_trunc('week', a)::date) / 7)::bigint
    WHEN 'day' THEN (b::date - a::date)::bigint
    ELSE (extract(epoch FROM date_trunc(redshift_local.part_of(part), b) - date_trunc(redshift_local.part_of(part), a))
      / extract(epoch FROM ('1 ' || redshift_local.part_of(part))::interval))::bigint END $$;

CREATE OR REPLACE FUNCTION redshift_local.datediff(part text, a timestamptz, b timestamptz) RETURNS bigint
  LANGUAGE sql STABLE AS
  $$ SELECT redshift_local.datediff(part, a AT TIME ZONE 'utc', b AT TIME ZONE 'utc') $$;

CREATE OR REPLACE FUNCTION redshift_local.datediff(part text, a date, b date) RETURNS bigint
  LANGUAGE sql IMMUTABLE AS $$ SELECT redshift_local.datediff(part, a::timestamp, b::timestamp) $$;

CREATE OR REPLACE FUNCTION redshift_local.charindex(text, text) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$ SELECT strpos($2, $1) $$;

CREATE OR REPLACE FUNCTION redshift_local.strtol(digits text, base int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT sum((strpos('0123456789abcdefghijklmnopqrstuvwxyz', lower(substr(digits, length(digits) - n, 1))) - 1)
    * base::numeric ^ n)::bigint
  FROM generate_series(0, length(digits) - 1) n $$;

CREATE OR REPLACE FUNCTION redshift_local.add_months(at timestamp, months bigint) RETURNS timestamp
  LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN at::date = (date_trunc('month', at) + interval '1 month - 1 day')::date
    THEN date_trunc('month', at + make_interval(months => months::int)) + interval '1 month - 1 day' + (at - at::date)
    ELSE at + make_interval(months => months::int) END $$;

CREATE OR REPLACE FUNCTION redshift_local.last_day(at timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS
  $$ SELECT (date_trunc('month', at) + interval '1 month - 1 day')::date $$;

CREATE OR REPLACE FUNCTION redshift_local.months_between(a timestamp, b timestamp) RETURNS float8
  LANGUAGE sql IMMUTABLE AS $$
  SELECT (date_part('year', a) - date_part('year', b)) * 12 + date_part('month', a) - date_part('month', b)
    + CASE WHEN date_part('day', a) = date_part('day', b) THEN 0
      WHEN redshift_local.last_day(a) = a::date AND redshift_local.last_day(b) = b::date THEN 0
      ELSE (date_part('day', a) - date_part('day', b)) / 31 END $$;

CREATE OR REPLACE FUNCTION redshift_local.convert_timezone(source text, target text, at timestamp) RETURNS timestamp
  LANGUAGE sql STABLE AS $$ SELECT (at AT TIME ZONE source) AT TIME ZONE target $$;

CREATE OR REPLACE FUNCTION redshift_local.convert_timezone(target text, at timestamp) RETURNS timestamp
  LANGUAGE sql STABLE AS $$ SELECT (at AT TIME ZONE 'utc') AT TIME ZONE target $$;

CREATE OR REPLACE FUNCTION redshift_local.json_extract_path_text(document text, VARIADIC path text[]) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT document::json #>> path $$;

CREATE OR REPLACE FUNCTION redshift_local.is_valid_json(document text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
  BEGIN PERFORM document::json; RETURN true; EXCEPTION WHEN others THEN RETURN false; END $$;

CREATE OR REPLACE FUNCTION redshift_local.is_valid_json_array(document text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
  BEGIN RETURN json_typeof(document::json) = 'array'; EXCEPTION WHEN others THEN RETURN false; END $$;

CREATE OR REPLACE FUNCTION redshift_local.json_extract_array_element_text(document text, index int) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT document::json ->> index $$;

CREATE OR REPLACE FUNCTION redshift_local.json_array_length(document text) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$ SELECT json_array_length(document::json) $$;

CREATE OR REPLACE FUNCTION redshift_local.json_parse(document text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT document::jsonb $$;

CREATE OR REPLACE FUNCTION redshift_local.json_serialize(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT document::text $$;

CREATE OR REPLACE FUNCTION redshift_local.next_day(at date, day text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT at + n FROM generate_series(1, 7) n
  WHERE to_char(at + n, 'dy') = lower(left(day, 3)) OR (length(day) = 2 AND to_char(at + n, 'dy') LIKE lower(day) || '_') $$;

CREATE OR REPLACE FUNCTION redshift_local.replicate(value text, times int) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT repeat(value, times) $$;

CREATE OR REPLACE FUNCTION redshift_local.sha2(value text, bits int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(CASE bits WHEN 224 THEN sha224(value::bytea) WHEN 384 THEN sha384(value::bytea)
    WHEN 512 THEN sha512(value::bytea) ELSE sha256(value::bytea) END, 'hex') $$;

CREATE OR REPLACE FUNCTION redshift_local.trunc(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT trunc($1) $$;
CREATE OR REPLACE FUNCTION redshift_local.trunc(numeric, int) RETURNS numeric LANGUAGE sql IMMUTABLE AS
  $$ SELECT trunc($1, $2) $$;
CREATE OR REPLACE FUNCTION redshift_local.trunc(float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT trunc($1) $$;
CREATE OR REPLACE FUNCTION redshift_local.trunc(timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT $1::date $$;

GRANT USAGE ON SCHEMA redshift_local TO PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC;
`;

/** Idempotent. In Redshift everybody may create tables in `public`, so here too. */
export async function installFunctions(client: Client): Promise<void> {
  await client.query('BEGIN');
  await client.query("SELECT pg_advisory_xact_lock(hashtext('redshift_local'))");
  await client.query(SCHEMA);
  await client.query('COMMIT');
}
