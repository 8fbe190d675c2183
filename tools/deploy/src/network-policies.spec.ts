import { describe, expect, it } from '@jest/globals';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.js';
import { podOf } from './manifests.fixture.ts';
import { OVERLAYS, buildOverlay, containerEnvironment } from './overlays.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';

interface Way {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, name: string): boolean {
  return (
    Object.values(matchLabels).every((value) => value === name) &&
    matchExpressions.every(({ operator, values = [] }) => operator === 'In' && values.includes(name))
  );
}

/** Of one overlay, by the name that its pods are labelled with. */
class Policies {
  constructor(private readonly objects: readonly KubernetesObject[]) {}

  private of(name: string): NetworkPolicy['spec'][] {
    const policies = this.objects.filter(({ kind }) => kind === 'NetworkPolicy') as NetworkPolicy[];
    return policies.map(({ spec }) => spec).filter((spec) => spec !== undefined && selects(spec.podSelector, name));
  }

  isClosed(name: string): boolean {
    const types = this.of(name).flatMap((spec) => spec?.policyTypes ?? []);
    return types.includes('Ingress') && types.includes('Egress');
  }

  out(name: string): Way[] {
    return this.of(name).flatMap((spec) =>
      (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports })),
    );
  }

  in(name: string): Way[] {
    return this.of(name).flatMap((spec) =>
      (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports })),
    );
  }
}

const leadsTo = (ways: readonly Way[], port: number | string, pod?: string): boolean =>
  ways.some(
    ({ peers, ports }) =>
      ports.some((one) => one.port === port) &&
      (pod === undefined || peers.some(({ podSelector }) => podSelector !== undefined && selects(podSelector, pod))),
  );
const namespacesOf = (ways: readonly Way[]): string[] =>
  ways.flatMap(({ peers }) =>
    peers.flatMap(({ namespaceSelector }) => Object.values(namespaceSelector?.matchLabels ?? {})),
  );

describe.each(OVERLAYS)('in %s', (overlay) => {
  const objects = buildOverlay(overlay);
  const policies = new Policies(objects);
  const containers = objects.flatMap((object) => podOf(object)?.containers ?? []);

  it('every pod reaches what its environment names, and names of hosts', () => {
    for (const container of containers) {
      const { name } = container;
      const env = containerEnvironment(container, objects);
      const out = policies.out(name);
      const wants = {
        names: leadsTo(out, 53),
        database: env['DATABASE_URL'] === undefined || leadsTo(out, 5432),
        redis:
          env['REDIS_URL'] === undefined ||
          (leadsTo(out, 'redis', 'redis') && leadsTo(policies.in('redis'), 'redis', name)),
        aws: env['MOORING_WAREHOUSE_WORKGROUP'] === undefined || leadsTo(out, 443),
      };
      expect({ name, ...wants }).toEqual({ name, names: true, database: true, redis: true, aws: true });
      expect(policies.isClosed(name)).toBe(true);
    }
  });

  it('callers and Prometheus reach the services, and nobody else does', () => {
    for (const name of ['auth-api', 'query-api']) {
      expect(namespacesOf(policies.in(name))).toEqual(['ingress-nginx', 'monitoring']);
      expect(leadsTo(policies.in(name), 'http')).toBe(true);
    }
    expect(namespacesOf(policies.in('cleanup-worker'))).toEqual(['monitoring']);
  });

  it("no pod reaches the instance's metadata, which would give it the role of its node", () => {
    for (const { name } of containers) {
      const blocks = policies.out(name).flatMap(({ peers }) => peers.flatMap(({ ipBlock }) => ipBlock ?? []));
      for (const { cidr, except = [] } of blocks) {
        if (cidr === '0.0.0.0/0') expect(except).toContain('169.254.169.254/32');
      }
    }
  });
});
