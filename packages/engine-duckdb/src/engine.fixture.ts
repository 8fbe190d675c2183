import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineConnection, EnginePlace, StorageRecord } from '@mooring/engine';
import { createDuckdbEngine } from './index.ts';
import type { DuckdbEngine, DuckdbEngineOptions } from './index.ts';

export { answer, failureOf, requestOf, rowsOf } from '@mooring/engine/conformance';
export type { Answer } from '@mooring/engine/conformance';

const READY = { state: 'ready', version: 1, createdAt: 0, updatedAt: 0 } as const;

export function storageOf(tenantId: string, changes: Partial<StorageRecord> = {}): StorageRecord {
  return {
    kind: 'storage',
    tenantId,
    name: 'main',
    type: 'duckdb',
    description: '',
    options: {},
    ...READY,
    ...changes,
  };
}

export function placeOf(tenantId: string, namespace = 'sales', storage = storageOf(tenantId)): EnginePlace {
  return {
    principal: { tenantId, userId: 'ann', role: 'user' },
    namespace: {
      kind: 'namespace',
      tenantId,
      name: namespace,
      storage: storage.name,
      ownerId: 'ann',
      description: '',
      ...READY,
    },
    storage,
  };
}

/** Engines and folders of one spec file, gone at its end. */
export class EngineWorld {
  readonly #engines: DuckdbEngine[] = [];
  readonly #folders: string[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mooring-duckdb-'));
    this.#folders.push(folder);
    return folder;
  }

  async engine(options: Partial<DuckdbEngineOptions> = {}): Promise<DuckdbEngine> {
    const engine = createDuckdbEngine({ dataFolder: await this.folder(), ...options });
    this.#engines.push(engine);
    return engine;
  }

  /** A connection to a namespace that is there. */
  async connection(engine: DuckdbEngine, tenantId = 'acme', namespace = 'sales'): Promise<EngineConnection> {
    const place = placeOf(tenantId, namespace);
    await engine.createNamespace(place);
    return engine.connect(place);
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** Lets the event loop turn until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000_000; turn++) {
    if (await isSo()) return;
    await new Promise(setImmediate);
  }
  throw new Error('waited for what did not come');
}
