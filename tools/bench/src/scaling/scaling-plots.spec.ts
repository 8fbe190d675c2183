import { expect, it } from '@jest/globals';
import type { ScaleFigures, ScaleReport } from '@mooring/simulation';
import { scalingPlots } from './scaling-plots.ts';

const FIGURES = { hits: 0.8, refused: 0.25, p50Ms: 40, p99Ms: 4000 } as ScaleFigures;

function figuresOf(change: Partial<ScaleFigures['setting']>): readonly ScaleFigures[] {
  const setting = { tenants: 10_000, processes: 100, perSecond: 10, keepAliveSeconds: 600, ...change };
  return (['wait', 'ephemeral'] as const).map((overflow) => ({
    ...FIGURES,
    setting: { ...setting, overflow } as ScaleFigures['setting'],
  }));
}

const REPORT: ScaleReport = {
  tenants: [100, 10_000].flatMap((tenants) => [1, 10, 100].flatMap((processes) => figuresOf({ tenants, processes }))),
  'keep-alive': figuresOf({ keepAliveSeconds: 60 }),
  load: figuresOf({ perSecond: 2 }),
  processes: [],
  small: [],
};

it('draws a dot for each figure, in a title that fits, with no point that is no number', () => {
  const plots = scalingPlots(REPORT);
  expect(plots.map(({ file, svg }) => [file, svg.match(/<circle [^>]*r="3.5"/g)?.length])).toEqual([
    ['found-by-tenants.svg', 8],
    ['time-by-tenants.svg', 8],
    ['found-by-keep-alive.svg', 4],
    ['found-by-load.svg', 4],
  ]);
  for (const { title, svg } of plots) {
    // In the widest of the fonts that `system-ui` may be.
    expect(title.length).toBeLessThan(98);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

it('counts what found a session of all that came, not of what ran', () => {
  const nobodyRefused = REPORT.tenants.map((one) => ({ ...one, hits: 0.6, refused: 0 }));
  const [shares, whole] = [REPORT, { ...REPORT, tenants: nobodyRefused }].map((report) => dotsOf(report));
  expect(shares).toEqual(whole);
});

/** Of the first plot. */
function dotsOf(report: ScaleReport): readonly string[] | null | undefined {
  return scalingPlots(report)[0]?.svg.match(/<circle [^>]*r="3.5"[^>]*>/g);
}
