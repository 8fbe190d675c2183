import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildProjects } from '@mooring/services';
import { warehouseCut } from './drills/warehouse-cut.ts';
import { runDrill } from './run-drill.ts';
import { Site } from './site/site.ts';

let site: Site;
beforeAll(async () => {
  await buildProjects('tools/drills');
  // It is not about waiting for the store.
  site = await Site.start('postgres', { MOORING_STORE_TIMEOUT_SECONDS: '120' });
}, 600_000);
afterAll(() => site?.stop(), 60_000);

it('breaks a line under load, and finds everything as it was acknowledged', async () => {
  const { ok, lines } = await runDrill(site, warehouseCut, { seconds: 1, progress: () => undefined });
  expect(lines.filter((line) => !line.ok)).toEqual([]);
  expect([ok, lines.length]).toEqual([true, 17]);
}, 600_000);
