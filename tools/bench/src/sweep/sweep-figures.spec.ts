import { describe, expect, it } from '@jest/globals';
import { sweepChecks, sweepRows, type SweepReport, type SweepRun } from './sweep-figures.ts';
import type { SweepFigures } from './sweeps.ts';

function figures(latencyMs: number, deleted: number, lost = 0): SweepFigures {
  return { touches: { latenciesMs: [latencyMs, latencyMs], lost }, elapsedMs: 1000, deleted };
}

function report(changes: Partial<SweepRun> = {}): SweepReport {
  const run = { alone: figures(1, 0), batches: figures(1.5, 300), atOnce: figures(4, 300), ...changes };
  const names = { alone: 'no sweep', batches: 'batches of 50', atOnce: 'one DELETE' };
  return { backend: 'postgres', expired: 300, names, runs: [run] };
}

const failed = (changes: Partial<SweepRun>): string[] =>
  sweepChecks(report(changes))
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

describe('sweepChecks', () => {
  it('is content when all that was dead went, nothing else, and few waited', () => {
    expect(failed({})).toEqual([]);
  });

  it.each([
    ['postgres: live sessions that were lost', { atOnce: figures(4, 300, 1) }],
    ['postgres: expired sessions left, or too many deleted', { batches: figures(1.5, 299) }],
    ['postgres: expired sessions left, or too many deleted', { batches: figures(1.5, 301) }],
    ['postgres: p99 of the touches, batches of 50 / no sweep', { batches: figures(2, 300) }],
  ])('reports a miss: %s', (name, changes) => {
    expect(failed(changes)).toEqual([name]);
  });
});

describe('sweepRows', () => {
  it('has the touches of each arm, and how fast rows went', () => {
    const rows = sweepRows(report());
    const values = (name: string): unknown =>
      rows.filter((row) => row.name.startsWith(name)).map(({ arm, p50, ratio }) => [arm, p50, ratio.median]);
    expect(values('postgres: touch /')).toEqual([
      ['no sweep', 1, 1],
      ['batches of 50', 1.5, 1.5],
      ['one DELETE', 4, 4],
    ]);
    expect(values('postgres: rows a second')).toEqual([
      ['batches of 50', 300, 1],
      ['one DELETE', 300, 1],
    ]);
  });
});
