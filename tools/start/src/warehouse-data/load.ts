import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readFlights } from './flights-file.ts';

/** Raised when the tables below change: a folder with an earlier revision loads them again. */
const REVISION = 1;

const AIRPORTS = `
create table public.airports (
  iata varchar(4) primary key,
  name varchar(64) not null,
  city varchar(64),
  state char(2),
  country varchar(64) not null,
  latitude double precision not null,
  longitude double precision not null
)`;

const FLIGHTS = `
create table public.flights (
  departed_at timestamp not null,
  delay_minutes integer not null,
  distance_miles integer not null,
  origin varchar(3) not null,
  destination varchar(3) not null
)`;

export interface LoadedTables {
  readonly flights: number;
  readonly airports: number;
  /** Whether they were there already. */
  readonly kept: boolean;
}

/**
 * Loads flights and airports of the United States into the schema `public`, all or nothing; tables that a start before
 * has loaded stay as they are. Everybody may read them, and make schemas.
 * @param client of the warehouse database, as its owner
 * @param flights the most flights to load
 * @param onLoad called when there is something to load
 */
export async function loadWarehouseData(
  client: Client,
  flights: number,
  signal: AbortSignal,
  onLoad: () => void = () => undefined,
): Promise<LoadedTables> {
  const folder = findDataFolder();
  const source = `vega-datasets ${await versionOf(folder)}, revision ${REVISION}`;
  await client.query('create schema if not exists mooring_start');
  await client.query(
    'create table if not exists mooring_start.loaded (source text primary key, flights bigint, airports bigint)',
  );
  const loaded = await client.query<{ flights: string; airports: string }>(
    `select flights, airports from mooring_start.loaded
     where source = $1 and to_regclass('public.flights') is not null and to_regclass('public.airports') is not null`,
    [source],
  );
  const row = loaded.rows[0];
  if (row !== undefined) {
    await grantToTenants(client);
    return { flights: Number(row.flights), airports: Number(row.airports), kept: true };
  }

  onLoad();
  await client.query('begin');
  try {
    const tables = await load(client, folder, flights, signal);
    await client.query('delete from mooring_start.loaded');
    await client.query('insert into mooring_start.loaded values ($1, $2, $3)', [
      source,
      tables.flights,
      tables.airports,
    ]);
    await client.query('commit');
    return { ...tables, kept: false };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function load(
  client: Client,
  folder: string,
  flights: number,
  signal: AbortSignal,
): Promise<{ flights: number; airports: number }> {
  await client.query('drop table if exists public.airports, public.flights');
  await client.query(AIRPORTS);
  await client.query(FLIGHTS);
  // Frozen rows are visible to all at once, which index-only scans need and no vacuum has to bring about.
  const airportsIn = client.query(copyFrom(`copy public.airports from stdin (format csv, header, freeze, null 'NA')`));
  await pipeline(createReadStream(join(folder, 'airports.csv')), airportsIn, { signal });
  const flightsIn = client.query(copyFrom('copy public.flights from stdin (freeze)'));
  await pipeline(Readable.from(readFlights(join(folder, 'flights-3m.parquet'), flights)), flightsIn, { signal });
  signal.throwIfAborted();
  await client.query('create index on public.flights (origin, destination) include (delay_minutes, distance_miles)');
  signal.throwIfAborted();
  await client.query('create index on public.flights using brin (departed_at)');
  await grantToTenants(client);
  await client.query('analyze public.airports');
  await client.query('analyze public.flights');
  return { flights: flightsIn.rowCount, airports: airportsIn.rowCount };
}

/** The warehouse makes a database user for each tenant when it first sees one: what all of them may do is said here. */
async function grantToTenants(client: Client): Promise<void> {
  await client.query('grant select on public.flights, public.airports to public');
  await client.query("do $$ begin execute format('grant create on database %I to public', current_database()); end $$");
}

function findDataFolder(): string {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  return join(dirname(dirname(entry)), 'data');
}

async function versionOf(dataFolder: string): Promise<string> {
  const manifest = await readFile(join(dirname(dataFolder), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
