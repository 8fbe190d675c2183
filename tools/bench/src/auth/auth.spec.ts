import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { measureAuth } from '../benchmarks/auth.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

describe('the auth benchmark', () => {
  beforeAll(
    () => promisify(execFile)(`${ROOT}/node_modules/.bin/tsc`, ['-b', 'apps/auth-api'], { cwd: ROOT }),
    120_000,
  );

  it('measures every arm and says what was promised', async () => {
    const report = await measureAuth({ runs: 2, quick: true, backends: [], sections: [], progress: () => {} });
    expect([report.benchmark, report.runs]).toEqual(['auth', 2]);
    expect(report.rows.map(({ arm }) => arm)).toEqual([
      'verify',
      'read by primary key',
      'verify',
      'read by primary key',
      'right password',
      'wrong password',
      'unknown user',
      'locked account',
      'argon2id alone',
    ]);
    for (const { p50, p95, ratio } of report.rows) {
      expect(p50).toBeGreaterThan(0);
      expect(p95).toBeGreaterThan(0);
      expect(ratio.min).toBeLessThanOrEqual(ratio.max);
    }
    expect(report.checks.map(({ name }) => name)).toEqual([
      'verify / read by primary key',
      'time of: unknown user / wrong password',
      'time of: locked account / wrong password',
      'share of argon2id in a login',
    ]);
  }, 120_000);
});
