import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Benchmark, Report, Row } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { PLAN } from './plan.ts';
import { partsOf } from './report/recorder.ts';

jest.setTimeout(900_000);

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

const number = expect.any(Number);
const text = expect.any(String);
const ROW = { name: text, arm: text, unit: text, p50: number, p95: number };
const OPTIONAL = { p99: number, p999: number, growth: { plot: text, axis: text, at: number } };
const RATIO = { median: number, min: number, max: number };
const CHECK = { name: text, target: text, value: number, ok: expect.any(Boolean) };

function optionalOf(row: Row): object {
  return Object.fromEntries(Object.entries(OPTIONAL).filter(([name]) => name in row));
}

async function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [`${ROOT}/tools/bench/dist/main.js`, ...args], { maxBuffer: 16 * 1024 * 1024 });
}

describe('npm run bench', () => {
  beforeAll(async () => {
    const tsc = run(`${ROOT}/node_modules/.bin/tsc`, ['-b', 'tools/bench'], { cwd: ROOT });
    await tsc.catch((error: { stdout?: string }) => {
      throw new Error(`tools/bench does not compile:\n${error.stdout}`);
    });
  });

  it('lists the benchmarks', async () => {
    const { stdout } = await bench();
    for (const { name, summary } of BENCHMARKS) expect(stdout).toMatch(new RegExp(`^ *${name} +${summary}$`, 'm'));
  });

  it('plans all of them, each with parts that it has', () => {
    const planned = new Set(PLAN.map(({ benchmark }) => benchmark));
    expect(BENCHMARKS.map(({ name }) => name).filter((name) => !planned.has(name))).toEqual([]);
    for (const { benchmark, parts = [] } of PLAN) {
      const known = partsOf(BENCHMARKS.find(({ name }) => name === benchmark) as Benchmark);
      expect(parts.filter((part) => !known.includes(part))).toEqual([]);
    }
  });

  it('refuses a backend that there is not', async () => {
    await expect(bench('stores', '--backend', 'mongo')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('postgres, redis'),
    });
  });

  it('refuses a benchmark that there is not', async () => {
    await expect(bench('sesion-reuse')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('session-reuse'),
    });
  });

  it.each(BENCHMARKS.map(({ name }) => name))('%s reports in the promised shape', async (name) => {
    const runs = REPEATED.has(name) ? 2 : 1;
    const { stdout, stderr } = await bench(name, '--json', '--quick', '--runs', String(runs));
    const report = JSON.parse(stdout) as Report;
    expect(report).toEqual({
      benchmark: name,
      runs,
      rows: report.rows.map((row) => ({ ...ROW, ratio: RATIO, ...optionalOf(row) })),
      checks: report.checks.map(() => CHECK),
    });
    expect(report.rows.length).toBeGreaterThan(0);
    expect(report.checks.length).toBeGreaterThan(0);
    expect(stderr).toContain(`run ${runs} of ${runs}`);
    expect(JSON.stringify(report)).not.toContain('null');
    COUNTED[name]?.(report);
  });
});

/** Cheap enough to be repeated here. */
const REPEATED: ReadonlySet<string> = new Set(['auth']);

/** What does not depend on the machine. */
const COUNTED: Readonly<Record<string, (report: Report) => void>> = {
  'session-reuse': ({ rows, checks }) => {
    const counted = (name: string): number[] => rows.filter((row) => row.name.startsWith(name)).map(({ p50 }) => p50);
    expect(counted('sessions opened in warm-up')).toEqual([1, 16]);
    expect(counted('sessions opened after warm-up')).toEqual([0, 0]);
    expect(counted('store round trips in statements')).toEqual([0, 0]);
    expect(checks.find(({ name }) => name.startsWith('hit ratio'))).toMatchObject({ value: 100 });
  },
  auth: ({ rows, checks }) => {
    expect(rows.map(({ arm }) => arm)).toEqual([
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
    expect(checks.map(({ name }) => name)).toEqual([
      'verify / read by primary key',
      'time of: unknown user / wrong password',
      'time of: locked account / wrong password',
      'share of argon2id in a login',
    ]);
  },
  api: ({ rows }) => {
    const routes = rows.filter(({ unit }) => unit === '1/s').map(({ name }) => name.split(':')[0]);
    expect([...new Set(routes)]).toEqual(['login', 'verify', 'SELECT 1 on the engine', 'warehouse statement']);
  },
  scale: ({ rows }) => {
    const axes = rows.map(({ growth }) => growth?.axis ?? 'nothing');
    expect([...new Set(axes)]).toEqual([
      'processes over one store',
      'concurrent sessions, each calling every 500 to 1000 ms',
      'sessions that are stored',
    ]);
  },
  engine: ({ rows, checks }) => {
    expect(checks.find(({ name }) => name === 'bytes of an ExecutionContext')?.ok).toBe(true);
    expect(checks.find(({ name }) => name.endsWith('the most that were open'))?.ok).toBe(true);
    expect(rows.filter(({ name }) => name.startsWith('3,000 rows: bytes')).map(({ arm }) => arm)).toEqual([
      'NDJSON',
      'CSV',
      'Arrow',
    ]);
  },
};
