import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ConfigMap, Container } from 'kubernetes-types/core/v1.js';
import { DEPLOY, parseYaml } from './deployment-files.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';

export const OVERLAYS = ['postgres', 'redis', 'failover', 'failover-results', 'postgres-cron-jobs'] as const;

/** What an operator puts into the secrets, by their names. */
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'mooring-database': { DATABASE_URL: 'postgres://mooring:secret@db.example.com:5432/mooring' },
  'mooring-redis': { REDIS_PASSWORD: 'secret-of-redis' },
};

export const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;

/** The objects of an overlay, as kustomize makes them. */
export function buildOverlay(overlay: string): KubernetesObject[] {
  const folder = join(DEPLOY, 'kubernetes/overlays', overlay);
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseYaml<KubernetesObject>(stdout);
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
