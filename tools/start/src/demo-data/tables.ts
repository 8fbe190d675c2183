import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Raised when the tables below change: a warehouse with an earlier revision gets them again. */
const REVISION = 1;

/** Columns of the tables, as PostgreSQL and DuckDB take them. */
export const TABLES = {
  airports: `
    iata varchar(4) primary key,
    name varchar(64) not null,
    city varchar(64),
    state char(2),
    country varchar(64) not null,
    latitude double precision not null,
    longitude double precision not null`,
  flights: `
    departed_at timestamp not null,
    delay_minutes integer not null,
    distance_miles integer not null,
    origin varchar(3) not null,
    destination varchar(3) not null`,
} as const;

/** What the tables are loaded from. */
export interface DataSource {
  /** Of which package and revision they are. */
  readonly name: string;
  /** CSV with a header, `NA` for what is missing. */
  readonly airports: string;
  /** Parquet, from the earliest flight on. */
  readonly flights: string;
}

export async function findDataSource(): Promise<DataSource> {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return {
    name: `vega-datasets ${version}, revision ${REVISION}`,
    airports: join(folder, 'data', 'airports.csv'),
    flights: join(folder, 'data', 'flights-3m.parquet'),
  };
}
