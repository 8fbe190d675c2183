import { describe, expect, it } from '@jest/globals';
import type { Report } from './benchmark.ts';
import { formatReport } from './table.ts';

const RATIO = { median: 1, min: 0.5, max: 2 };
const ROW = { name: 'read / raw', arm: 'raw', unit: 'ms', p50: 0.1234, p95: 123.4, ratio: RATIO };

describe('formatReport', () => {
  it('leaves columns out that nobody has a figure for', () => {
    const report: Report = { benchmark: 'one', runs: 5, rows: [ROW], checks: [] };
    expect(formatReport(report, ['a condition'])).not.toContain('p99');
    const tails = formatReport({ ...report, rows: [ROW, { ...ROW, p99: 7.5 }] }, []);
    expect(tails).toContain('p99 ');
    expect(tails).not.toContain('p99.9');
    expect(tails).toContain('7.5');
  });

  it('says which promise was not kept', () => {
    const checks = [
      { name: 'fast', target: '< 5', value: 4, ok: true },
      { name: 'small', target: '< 1', value: 1.234, ok: false },
    ];
    const text = formatReport({ benchmark: 'one', runs: 5, rows: [ROW], checks }, ['a condition']);
    expect(text).toMatch(/fast +< 5 +4 +ok/);
    expect(text).toMatch(/small +< 1 +1.23 +NOT MET/);
    expect(text).toContain('a condition');
  });
});
