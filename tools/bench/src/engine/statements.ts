export const NAMESPACE = 'flights';

/** One for requests, and one for results that are streamed whole: the same everywhere. */
export function tables(few: number, many: number): readonly string[] {
  return [`create table flights as ${flights(few)}`, `create table all_flights as ${flights(many)}`];
}

function flights(rows: number): string {
  return `select id,
    timestamp '2024-01-01 00:00:00' + interval '1 minute' * id as departed,
    ('A' || id % 300) as origin,
    (id * 7919 % 181)::integer as delay,
    (id * 31 % 5000)::double precision as miles
  from range(${rows}) as numbers(id)`;
}

export const STATEMENTS = {
  'SELECT 1': 'SELECT 1',
  aggregate:
    'select origin, count(*) as departures, avg(delay) as delay from flights group by origin order by departures desc, origin limit 10',
} as const;
export type StatementName = keyof typeof STATEMENTS;

/** Every row and column of the larger table. */
export const ALL_ROWS = 'select * from all_flights';
