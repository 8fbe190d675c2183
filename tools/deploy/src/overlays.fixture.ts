import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ConfigMap, Container } from 'kubernetes-types/core/v1.js';
import { DEPLOY, parseYaml } from './deployment-files.fixture.ts';
import { objectsOf } from './kustomization.fixture.ts';
import { podOf } from './manifests.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';

export const OVERLAYS = [
  'postgres',
  'redis',
  'failover',
  'failover-results',
  'postgres-cron-jobs',
  'failover-cron-jobs',
] as const;

/** What an operator puts into the secrets, by their names. */
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'mooring-database': { DATABASE_URL: 'postgres://mooring:secret@db.example.com:5432/mooring' },
  'mooring-redis': { REDIS_PASSWORD: 'secret-of-redis' },
};

/** The objects of an overlay. */
export function buildOverlay(overlay: string): KubernetesObject[] {
  return objectsOf(join('kubernetes/overlays', overlay));
}

const HASH = /-[0-9a-z]{10}$/;

/** As kustomize itself makes them, without the hashes in names; undefined on a machine that has none. */
export function kustomizedOverlay(overlay: string): KubernetesObject[] | undefined {
  const folder = join(DEPLOY, 'kubernetes/overlays', overlay);
  const { stdout, stderr, status, error } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(stderr);
  const objects = parseYaml<KubernetesObject>(stdout);
  for (const object of objects) {
    if (object.kind === 'ConfigMap') Object.assign(object.metadata, { name: unhashed(object.metadata.name) });
    for (const { envFrom = [] } of podOf(object)?.containers ?? []) {
      for (const { configMapRef } of envFrom)
        if (configMapRef !== undefined) configMapRef.name = unhashed(configMapRef.name);
    }
  }
  return objects;
}

function unhashed(name: string | undefined): string {
  return name?.replace(HASH, '') ?? '';
}

/** What a container is started with, from its maps, its secrets and its own. */
export function containerEnvironment(
  { envFrom = [], env = [] }: Container,
  objects: readonly KubernetesObject[],
): Record<string, string> {
  const maps = envFrom.map(({ configMapRef }) => {
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name);
    return (map as ConfigMap | undefined)?.data ?? {};
  });
  const own = env.map(({ name, value, valueFrom }) => {
    const { name: secret = '', key = '' } = valueFrom?.secretKeyRef ?? {};
    return [name, value ?? SECRETS[secret]?.[key] ?? ''] as const;
  });
  return Object.assign({}, ...maps, Object.fromEntries(own)) as Record<string, string>;
}
