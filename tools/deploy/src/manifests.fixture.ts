import type { CronJob } from 'kubernetes-types/batch/v1.js';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { PodSpec } from 'kubernetes-types/core/v1.js';
import { filesBelow, readYaml } from './deployment-files.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';

export interface Manifest {
  readonly place: string;
  readonly object: KubernetesObject;
}

/** Every object that is written down, kustomizations left out. */
export function manifests(): Manifest[] {
  return filesBelow('kubernetes', /\.ya?ml$/)
    .filter((place) => !place.endsWith('kustomization.yaml'))
    .flatMap((place) => readYaml<KubernetesObject>(place).map((object) => ({ place, object })));
}

/** Of a Deployment, a StatefulSet or a CronJob. */
export function podOf(object: KubernetesObject): PodSpec | undefined {
  if (object.kind === 'CronJob') return (object as CronJob).spec?.jobTemplate.spec?.template.spec;
  return ['Deployment', 'StatefulSet'].includes(object.kind) ? (object as Deployment).spec?.template.spec : undefined;
}

export interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[];
}
