import type { PostgresServer } from '@mooring/services';
import type { StartConfig } from '../config.ts';
import { urlOf, WAREHOUSE_DATABASE, withClient } from '../databases.ts';
import { formatSeconds } from '../progress.ts';
import type { Progress } from '../progress.ts';
import { CLUSTER } from '../services.ts';
import type { StateFolder } from '../state-folder.ts';
import { DEMO_TENANTS } from './demo-users.ts';
import { loadEmbeddedData } from './embedded-load.ts';
import { MadeNamespaces, runAsDbas } from './make-namespaces.ts';
import { embeddedNamespace, warehouseNamespace } from './namespaces.ts';
import { findDataSource } from './tables.ts';
import { loadWarehouseData, showToTenants } from './warehouse-load.ts';

export interface DemoPlace {
  readonly config: StartConfig;
  readonly folder: StateFolder;
  readonly postgres: PostgresServer;
}

/** Loads what is missing, before the services run. */
export async function loadDemoData(place: DemoPlace, progress: Progress, signal: AbortSignal): Promise<void> {
  const { config, folder } = place;
  if (config.warehouse) await loadIntoWarehouse(place, progress, signal);
  const startedAt = progress.elapsedMs();
  let isLoaded = false;
  await loadEmbeddedData(folder.data, DEMO_TENANTS, config.flights, signal, () => {
    isLoaded = true;
    progress(`Loading ${countOf(config.flights)} flights into a DuckDB database for each tenant, a few seconds …`);
  });
  if (isLoaded) progress(`The databases are made in ${formatSeconds(progress.elapsedMs() - startedAt)}`);
}

/** Makes the namespaces that show the data, once, as a dba of each tenant does. */
export async function showDemoData(place: DemoPlace, progress: Progress, signal: AbortSignal): Promise<void> {
  const { config, folder } = place;
  const made = await MadeNamespaces.open(folder.path, (await findDataSource()).name);
  const kinds = (['embedded', 'warehouse'] as const).filter((kind) => kind === 'embedded' || config.warehouse);
  const missing = kinds.filter((kind) => !made.has(kind));
  if (missing.length === 0) return;
  progress('Making the namespaces of the tenants …');
  if (missing.includes('warehouse')) {
    await inWarehouse(place, (client) => showToTenants(client, DEMO_TENANTS));
  }
  const sqlOf = (tenant: string): string =>
    missing
      .map((kind) =>
        kind === 'embedded' ? embeddedNamespace() : warehouseNamespace(tenant, CLUSTER, WAREHOUSE_DATABASE),
      )
      .join('; ');
  await runAsDbas(place, sqlOf, signal);
  await made.add(missing);
}

async function loadIntoWarehouse(place: DemoPlace, progress: Progress, signal: AbortSignal): Promise<void> {
  const { flights } = place.config;
  const startedAt = progress.elapsedMs();
  await inWarehouse(place, async (client) => {
    const loading = (): void => progress(`Loading ${countOf(flights)} flights, about five seconds for each million …`);
    const tables = await loadWarehouseData(client, flights, signal, loading);
    const counts = `${countOf(tables.flights)} flights and ${countOf(tables.airports)} airports`;
    const how = tables.kept ? 'are there already' : `loaded in ${formatSeconds(progress.elapsedMs() - startedAt)}`;
    progress(`${counts} ${how}`);
  });
}

function inWarehouse<T>({ postgres }: DemoPlace, use: Parameters<typeof withClient<T>>[1]): Promise<T> {
  return withClient(urlOf(postgres.url, WAREHOUSE_DATABASE), use);
}

function countOf(rows: number): string {
  return rows.toLocaleString('en-US');
}
