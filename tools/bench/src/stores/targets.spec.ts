import { describe, expect, it } from '@jest/globals';
import type { ArmFigures, OperationFigures, Role } from './comparison.ts';
import type { Operation } from './contender.ts';
import { rowsOf, type ModeFigures } from './rows.ts';
import { ratioChecks } from './targets.ts';

function arm(role: Role, ...latenciesMs: number[]): ArmFigures {
  const elapsedMs = latenciesMs.reduce((sum, ms) => sum + ms, 0);
  return { role, name: role, label: `${role}: so`, latenciesMs, elapsedMs, requests: 0 };
}

function modeOf(...runs: OperationFigures[][]): ModeFigures {
  return { backend: 'redis', mode: 'one at a time', runs, concurrent: false };
}

function run(operation: Operation, raw: number, store: number, peer: number): OperationFigures[] {
  return [{ operation, arms: [arm('raw', raw), arm('store', store), arm('peer', peer)] }];
}

describe('ratioChecks', () => {
  it('holds the median over the runs against the target and against each peer', () => {
    const checks = ratioChecks(modeOf(run('get', 1, 1.1, 2), run('get', 2, 2.2, 2), run('get', 1, 3, 1)));
    expect(checks).toEqual([
      { name: 'redis, one at a time: get / raw: so', target: '<= 1.15', value: expect.closeTo(1.1), ok: true },
      { name: 'redis, one at a time: get, ahead of peer: so', target: '< 1', value: expect.closeTo(1.1), ok: false },
    ]);
  });

  it.each([
    ['get', 1.16],
    ['verify', 1.16],
    ['touch', 1.21],
    ['create', 1.21],
    ['consume', 1.26],
  ] as const)('reports a miss of %s', (operation, ratio) => {
    const [check] = ratioChecks(modeOf(run(operation, 1, ratio, 2)));
    expect(check).toMatchObject({ ok: false, value: expect.closeTo(ratio) });
  });

  it('promises nothing of what has no target, nor of a store without a raw client', () => {
    expect(ratioChecks(modeOf([{ operation: 'rotate', arms: [arm('raw', 1), arm('store', 9)] }]))).toEqual([]);
    expect(ratioChecks(modeOf([{ operation: 'get', arms: [arm('store', 9)] }]))).toEqual([]);
  });
});

describe('rowsOf', () => {
  const runs = [run('get', 1, 2, 4), run('get', 1, 3, 4)];

  it('compares each arm with the first, within each run', () => {
    expect(rowsOf(modeOf(...runs)).map(({ arm: name, ratio }) => [name, ratio])).toEqual([
      ['raw: so', { median: 1, min: 1, max: 1 }],
      ['store: so', { median: 2.5, min: 2, max: 3 }],
      ['peer: so', { median: 4, min: 4, max: 4 }],
    ]);
  });

  it('has throughput where callers were at once', () => {
    const rows = rowsOf({ ...modeOf(...runs), concurrent: true });
    const throughput = rows.filter(({ unit }) => unit === '1/s');
    expect(throughput.map(({ arm: name, p50 }) => [name, p50])).toEqual([
      ['raw: so', 1000],
      ['store: so', expect.closeTo((500 + 1000 / 3) / 2)],
      ['peer: so', 250],
    ]);
  });

  it('has requests where they were counted', () => {
    const counted = { ...arm('store', 1, 1), requests: 3 };
    const rows = rowsOf(modeOf([{ operation: 'create', arms: [counted] }]));
    expect(rows[1]).toMatchObject({
      name: 'redis, one at a time: create, requests / one request',
      p50: 1.5,
      ratio: { median: 1.5 },
    });
  });
});
