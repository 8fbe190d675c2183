import type { ServerPlace, StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { failed, ok, storeFailed, warning } from './finding.ts';
import type { Finding } from './finding.ts';

type Server = Exclude<NonNullable<StoreInspection['redis']>, StoreError>[number];

const LEAST_VERSION = [6, 2] as const;
const NEARLY_FULL = 0.9;

/** `copies`: Redis holds copies of what a database has, and what it loses costs time only. */
export function redisFindings(
  inspection: NonNullable<StoreInspection['redis']>,
  place: ServerPlace,
  { copies }: { readonly copies: boolean },
): Finding[] {
  if (inspection instanceof StoreError) {
    const finding = storeFailed('redis', inspection, place);
    if (!copies) return [finding];
    return [{ ...finding, found: `${finding.found}; until then the database serves alone` }];
  }
  return inspection.flatMap((server) => [
    reachedFinding(server, place),
    ...(copies ? [] : [evictionFinding(server), persistenceFinding(server)]),
    ...memoryFindings(server, copies),
  ]);
}

function reachedFinding({ version, role, latencyMs }: Server, { place, variable }: ServerPlace): Finding {
  const check = 'redis';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1])) {
    return failed(check, `Redis ${version} at ${place} is too old`, `use Redis ${LEAST_VERSION.join('.')} or later`);
  }
  if (role !== 'master') {
    return failed(check, `${place} takes no writes: it is a replica`, `name the master in ${variable}, or sentinels`);
  }
  return ok(check, `Redis ${version} at ${place}, ${latencyMs.toFixed(1)} ms away`);
}

function evictionFinding({ evictionPolicy, maxMemoryBytes }: Server): Finding {
  const check = 'redis-eviction';
  if (evictionPolicy === 'noeviction') return ok(check, 'maxmemory-policy noeviction');
  const found = `maxmemory-policy ${evictionPolicy}: sessions and limits are thrown away when memory is full`;
  const remedy = 'CONFIG SET maxmemory-policy noeviction, and in the configuration of the server';
  return maxMemoryBytes > 0 ? failed(check, found, remedy) : warning(check, `${found} (no maxmemory is set)`, remedy);
}

function persistenceFinding({ appendOnly, snapshots, saveFailed }: Server): Finding {
  const check = 'redis-persistence';
  if (saveFailed) {
    return failed(check, 'Redis can not save to its disk', 'make room on its disk, and look at its log');
  }
  if (appendOnly) return ok(check, 'an append-only file');
  if (snapshots === true) return ok(check, 'snapshots: a crash loses what was written after the last one');
  return snapshots === null
    ? ok(check, 'no append-only file; whether there are snapshots, this server does not say')
    : warning(
        check,
        'nothing is kept on disk: a restart ends every session',
        'CONFIG SET appendonly yes, or use copies of a database',
      );
}

function memoryFindings({ usedMemoryBytes, maxMemoryBytes, evictionPolicy }: Server, copies: boolean): Finding[] {
  if (maxMemoryBytes === 0 || usedMemoryBytes < maxMemoryBytes * NEARLY_FULL) return [];
  if (copies && evictionPolicy.startsWith('allkeys')) return [];
  const percent = Math.round((usedMemoryBytes / maxMemoryBytes) * 100);
  return [
    warning(
      'redis-memory',
      `${percent} % of maxmemory are used`,
      copies ? 'raise maxmemory, or set maxmemory-policy allkeys-lru' : 'raise maxmemory',
    ),
  ];
}
