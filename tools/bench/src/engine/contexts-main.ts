import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EngineContext, ExecutionContext, MemoryAuditLog, MemoryCatalogStore } from '@mooring/engine';
import type { Principal } from '@mooring/engine';
import { createDuckdbEngine } from '@mooring/engine-duckdb';
import type { ContextFigures } from './contexts.ts';

/**
 * Makes contexts in a process of its own, whose heap holds nothing else, and prints what they took. Arguments: how many
 * contexts of requests, how many engine contexts.
 */
const [contexts = 0, engines = 0] = process.argv.slice(2).map(Number);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Made {
  readonly bytesEach: number;
  readonly nsEach: number;
}

function usedHeap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Makes so many in a list that holds the last `held` of them, and was there before, so that it does not count. */
function made(count: number, held: number, make: () => unknown): Made {
  const list: unknown[] = Array.from({ length: held }, () => null);
  const before = usedHeap();
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) list[index % held] = make();
  const tookMs = performance.now() - startedAt;
  const bytesEach = (usedHeap() - before) / count;
  list.length = 0;
  return { bytesEach, nsEach: (tookMs * 1e6) / count };
}

function buildEngine(): EngineContext {
  return EngineContext.build({
    catalog: new MemoryCatalogStore(),
    engines: [createDuckdbEngine({ dataFolder: null })],
    users: NO_USERS,
    audit: new MemoryAuditLog(),
    defaultStorage: { name: 'embedded', type: 'duckdb' },
    allowSeveral: true,
  });
}

const nobody = async (): Promise<never> => Promise.reject(new Error('there are no users'));
const NO_USERS = { find: nobody, list: nobody, create: nobody, update: nobody, remove: nobody };
const ann: Principal = Object.freeze({ tenantId: 'acme', userId: 'ann', role: 'user' });
const engine = buildEngine();
const ofRequest = (): ExecutionContext => ExecutionContext.inNamespace(engine, ann, 'sales');
const withPrincipal = (): ExecutionContext =>
  ExecutionContext.withAudit(engine, { tenantId: 'acme', userId: 'ann', role: 'user' }, { namespace: 'sales' });

for (const make of [ofRequest, withPrincipal, buildEngine]) made(Math.min(contexts, 1000), 1, make);
const figures: ContextFigures = {
  kept: made(contexts, contexts, ofRequest),
  dropped: made(contexts, 1, ofRequest),
  keptWithPrincipal: made(contexts, contexts, withPrincipal),
  keptEngines: made(engines, engines, buildEngine),
};
process.stdout.write(JSON.stringify(figures));
