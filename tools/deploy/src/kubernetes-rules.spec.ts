import { describe, expect, it } from '@jest/globals';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Probe } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { PORTS, SERVICES, readYaml } from './deployment-files.fixture.ts';
import { manifests, podOf } from './manifests.fixture.ts';
import type { Kustomization } from './manifests.fixture.ts';

const all = manifests();
const withPods = all.flatMap(({ place, object }) => {
  const pod = podOf(object);
  return pod === undefined ? [] : [{ name: `${place} ${object.metadata.name}`, pod }];
});
const of = <T>(kind: string): T[] => all.filter(({ object }) => object.kind === kind).map(({ object }) => object as T);
const deployments = new Map(of<Deployment>('Deployment').map((one) => [one.metadata?.name ?? '', one]));
const scalers = new Map(of<HorizontalPodAutoscaler>('HorizontalPodAutoscaler').map((one) => [one.metadata?.name, one]));

describe.each(withPods)('the pod of $name', ({ pod }) => {
  it('may do no more than the restricted profile allows', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const { securityContext } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('says what it needs, and which version it is', () => {
    for (const { resources, image = '' } of pod.containers) {
      expect(Object.keys(resources?.requests ?? {})).toEqual(['cpu', 'memory']);
      expect(Object.keys(resources?.limits ?? {})).toEqual(['memory']);
      expect(image).toMatch(/^mooring\/[a-z-]+$|:[0-9]+\.[0-9]+\.[0-9]+[a-z0-9-]*$/);
    }
  });

  it('has every password from a secret', () => {
    for (const { env = [] } of pod.containers) {
      for (const { name, value, valueFrom } of env.filter(({ name }) => /URL|PASSWORD|TOKEN|ADMIN/.test(name))) {
        expect({ name, value, secret: valueFrom?.secretKeyRef?.key }).toEqual({ name, value: undefined, secret: name });
      }
    }
  });
});

describe.each(SERVICES)('%s', (service) => {
  const spec = deployments.get(service)?.spec;
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  const path = (probe: Probe | undefined) => [probe?.httpGet?.path, probe?.httpGet?.port];

  it('has two pods or more, of which one goes at a time, on different machines where there are some', () => {
    expect(spec?.replicas ?? scalers.get(service)?.spec?.minReplicas).toBeGreaterThanOrEqual(2);
    const budget = of<PodDisruptionBudget>('PodDisruptionBudget').find(({ metadata }) => metadata?.name === service);
    expect(budget?.spec).toMatchObject({ maxUnavailable: 1, selector: spec?.selector });
    expect(spec?.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
    expect(pod?.topologySpreadConstraints?.map(({ labelSelector }) => labelSelector)).toEqual([
      spec?.selector,
      spec?.selector,
    ]);
  });

  it('is asked on its own port whether it lives and is ready', () => {
    expect(container?.ports).toEqual([{ name: 'http', containerPort: PORTS[service] }]);
    expect(path(container?.startupProbe)).toEqual(['/health/live', 'http']);
    expect(path(container?.livenessProbe)).toEqual(['/health/live', 'http']);
    expect(path(container?.readinessProbe)).toEqual(['/health/ready', 'http']);
    // A check of a dependency ends within two seconds.
    expect(container?.readinessProbe?.timeoutSeconds).toBeGreaterThan(2);
    expect(spec?.template.metadata?.annotations?.['prometheus.io/port']).toBe(String(PORTS[service]));
  });

  it('has the time that its shutdown may take', () => {
    const settings = literalsOf('base', 'mooring-shutdown');
    const drain = Number(settings.get('MOORING_DRAIN_DELAY_SECONDS'));
    const deadline = Number(settings.get('MOORING_SHUTDOWN_DEADLINE_SECONDS'));
    const closing = 10;
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(drain + deadline + closing);
    expect(container?.envFrom).toContainEqual({ configMapRef: { name: 'mooring-shutdown' } });
    // Longer than Kubernetes takes to find an instance not ready.
    const { periodSeconds = 0 } = container?.readinessProbe ?? {};
    expect(drain).toBeGreaterThanOrEqual(2 * periodSeconds);
  });
});

describe('the quotas of the Data API', () => {
  it('are not exceeded by the most pods together, one of each being replaced', () => {
    const share = (service: string, pods: number) => {
      const env = deployments.get(service)?.spec?.template.spec?.containers[0]?.env ?? [];
      return (pods + 1) * Number(env.find(({ name }) => name === 'MOORING_WAREHOUSE_QUOTA_PERCENT')?.value);
    };
    const most = scalers.get('query-api')?.spec?.maxReplicas ?? Number.NaN;
    const workers = deployments.get('cleanup-worker')?.spec?.replicas ?? Number.NaN;
    expect(share('query-api', most) + share('cleanup-worker', workers)).toBeLessThanOrEqual(100);
  });
});

function literalsOf(folder: string, generator: string): Map<string, string> {
  const [kustomization] = readYaml<Kustomization>(`kubernetes/${folder}/kustomization.yaml`);
  const found = kustomization?.configMapGenerator?.find(({ name }) => name === generator);
  return new Map(found?.literals.map((literal) => literal.split('=') as [string, string]));
}
