import type { EngineConnection } from '@mooring/engine';
import { createDuckdbEngine } from '@mooring/engine-duckdb';
import type { DuckdbEngine } from '@mooring/engine-duckdb';

const READY = { tenantId: 'acme', description: '', state: 'ready', version: 1, createdAt: 0, updatedAt: 0 } as const;

/** A database in memory, and a connection in a namespace of it. Closing the engine closes both. */
export async function openDuckdb(): Promise<{ engine: DuckdbEngine; connection: EngineConnection }> {
  const engine = createDuckdbEngine({ dataFolder: null });
  const place = {
    principal: { tenantId: 'acme', userId: 'ann', role: 'dba' },
    namespace: { kind: 'namespace', name: 'sales', storage: 'main', ownerId: 'ann', ...READY },
    storage: { kind: 'storage', name: 'main', type: 'duckdb', options: {}, ...READY },
  } as const;
  await engine.createNamespace(place);
  return { engine, connection: await engine.connect(place) };
}
