import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { escapeIdentifier } from 'pg';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ensureRole } from '../databases.ts';
import { readFlights } from './flights-file.ts';
import { warehouseNamespaceOf } from './namespaces.ts';
import { findDataSource, TABLES } from './tables.ts';
import type { DataSource } from './tables.ts';

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
  const source = await findDataSource();
  await client.query('create schema if not exists mooring_start');
  await client.query(
    'create table if not exists mooring_start.loaded (source text primary key, flights bigint, airports bigint)',
  );
  const loaded = await client.query<{ flights: string; airports: string }>(
    `select flights, airports from mooring_start.loaded
     where source = $1 and to_regclass('public.flights') is not null and to_regclass('public.airports') is not null`,
    [source.name],
  );
  const row = loaded.rows[0];
  if (row !== undefined) {
    await grantToTenants(client);
    return { flights: Number(row.flights), airports: Number(row.airports), kept: true };
  }

  onLoad();
  await client.query('begin');
  try {
    const tables = await load(client, source, flights, signal);
    await client.query('delete from mooring_start.loaded');
    await client.query('insert into mooring_start.loaded values ($1, $2, $3)', [
      source.name,
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
  source: DataSource,
  flights: number,
  signal: AbortSignal,
): Promise<{ flights: number; airports: number }> {
  await client.query('drop table if exists public.airports, public.flights cascade');
  for (const [name, columns] of Object.entries(TABLES)) await client.query(`create table public.${name} (${columns})`);
  // Frozen rows are visible to all at once, which index-only scans need and no vacuum has to bring about.
  const airportsIn = client.query(copyFrom(`copy public.airports from stdin (format csv, header, freeze, null 'NA')`));
  await pipeline(createReadStream(source.airports), airportsIn, { signal });
  const flightsIn = client.query(copyFrom('copy public.flights from stdin (freeze)'));
  await pipeline(Readable.from(readFlights(source.flights, flights)), flightsIn, { signal });
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

/**
 * A schema for each tenant, of its database user and of the name of its namespace, that shows the tables. What is there
 * stays.
 * @param client of the warehouse database, as its owner
 */
export async function showToTenants(client: Client, tenants: readonly string[]): Promise<void> {
  for (const tenant of tenants) {
    const [schema, user] = [warehouseNamespaceOf(tenant), `tenant_${tenant}`];
    await ensureRole(client, user);
    await client.query(
      `create schema if not exists ${escapeIdentifier(schema)} authorization ${escapeIdentifier(user)}`,
    );
    for (const name of Object.keys(TABLES)) {
      const view = `${escapeIdentifier(schema)}.${name}`;
      const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [view]);
      if (rows[0]?.there === true) continue;
      await client.query(`create view ${view} as select * from public.${name}`);
      await client.query(`grant select on ${view} to ${escapeIdentifier(user)}`);
    }
  }
}
