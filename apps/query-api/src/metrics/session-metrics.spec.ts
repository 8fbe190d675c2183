import { expect, it } from '@jest/globals';
import { Metrics } from '@mooring/nest-runtime';
import { sessionMetrics } from './session-metrics.ts';

async function countedWith(tenants: number): Promise<string[]> {
  const metrics = new Metrics('spec');
  const observer = sessionMetrics(metrics, tenants);
  for (const tenant of ['acme', 'globex', 'initech', 'acme']) observer.sessionHit?.(tenant);
  const text = await metrics.registry.getSingleMetricAsString('mooring_warehouse_session_hits_total');
  return text.split('\n').filter((line) => line.startsWith('mooring'));
}

it('names no tenant unless asked to', async () => {
  expect(await countedWith(0)).toEqual(['mooring_warehouse_session_hits_total{service="spec"} 4']);
});

it('names so many tenants, and counts the rest together', async () => {
  expect(await countedWith(1)).toEqual([
    'mooring_warehouse_session_hits_total{tenant="acme",service="spec"} 2',
    'mooring_warehouse_session_hits_total{tenant="other",service="spec"} 2',
  ]);
});
