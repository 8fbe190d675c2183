import { describe, expect, it } from '@jest/globals';
import { seeded } from '../kernel/seeded.ts';
import { MUTANTS } from '../scenarios.ts';
import { readScaleDocument, readScaleReport } from './scale-report.ts';
import { SCALE_TABLES } from './scale-settings.ts';
import { withScaleTables } from './scale-tables.ts';
import { runScale } from './scale-world.ts';
import { zipf } from './zipf.ts';

const REMEDY = 'npm run simulate -- --scale --report';

it('the second of a Zipf law comes half as often as the first', () => {
  const draw = zipf(1000, seeded(1));
  const counts = new Map<number, number>();
  for (let n = 0; n < 100_000; n += 1) {
    const drawn = draw();
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  expect((counts.get(2) ?? 0) / (counts.get(1) ?? 1)).toBeCloseTo(0.5, 1);
  expect(Math.max(...counts.keys())).toBeLessThanOrEqual(1000);
});

describe('many tenants on a full cluster', () => {
  it.each(SCALE_TABLES.small.map((setting, place) => [setting.overflow, setting, place] as const))(
    `have the figures of the report, on every machine; otherwise: ${REMEDY} (%s)`,
    async (_, setting, place) => {
      const { small } = await readScaleReport();
      expect(await runScale(setting)).toEqual(small[place]);
    },
  );

  it.each([
    ['the cap of the target is one too many', 'caps'],
    ['sessions are shared over tenants', 'own sessions only'],
  ])('are watched: %s', async (bug, invariant) => {
    const mutant = MUTANTS.find(({ name }) => name === bug);
    const [setting] = SCALE_TABLES.small;
    if (mutant === undefined || setting === undefined) throw new Error('nothing to plant');
    await expect(runScale(setting, mutant.sabotage)).rejects.toThrow(`${invariant}: `);
  });
});

describe('the report', () => {
  it(`is of the settings that there are; otherwise: ${REMEDY}`, async () => {
    const settings = Object.entries(await readScaleReport()).map(([name, all]) => [
      name,
      all.map((one) => one.setting),
    ]);
    expect(Object.fromEntries(settings)).toEqual(SCALE_TABLES);
  });

  it(`is what the page on scaling has; otherwise: ${REMEDY}`, async () => {
    const page = await readScaleDocument();
    expect(page).toContain('<!-- simulated tenants -->');
    expect(page).toBe(withScaleTables(page, await readScaleReport()));
  });
});
