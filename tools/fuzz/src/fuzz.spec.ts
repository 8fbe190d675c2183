import { describe, expect, it, jest } from '@jest/globals';
import { startClientProcess } from '@mooring/services';
import { BROKEN } from './broken-targets.fixture.ts';
import { fuzz } from './fuzz.ts';
import type { StartFeeder } from './fuzz.ts';
import { TARGETS } from './targets.ts';

jest.setTimeout(600_000);

const SEED = 1;

const startBroken: StartFeeder = (target, journal) =>
  startClientProcess({
    module: new URL('./broken-targets.fixture.ts', import.meta.url),
    open: 'openBroken',
    options: { target, journal },
  });

describe('what is broken is found', () => {
  it.each([
    ['fails', /^TypeError: unexpected bracket/, /\(/],
    ['hangs', /it hangs$/, /\(/],
    ['ends', /exit code 7/, /\(/],
    ['forgets', /exit code 1[^]*nobody listens/, /^/],
    ['keeps', /^the heap grew/, /^/],
    ['squares', /^160000 characters take/, /^abc$/],
  ])('%s', async (name, reason, input) => {
    const target = BROKEN.find((candidate) => candidate.name === name);
    if (target === undefined) throw new Error(`no target ${name}`);
    const { finding } = await fuzz(
      target,
      { seed: SEED, runs: 5000, ...(name === 'hangs' ? { hangMs: 20_000 } : {}) },
      startBroken,
    );
    expect(finding?.reason).toMatch(reason);
    expect(finding?.input).toMatch(input);
  });
});

describe.each(TARGETS)('$name', (target) => {
  it(`keeps its promises for its corpus and ${target.testRuns} mutations, from seed ${SEED}`, async () => {
    const report = await fuzz(target, { seed: SEED, runs: target.testRuns });
    expect(report.finding).toBeUndefined();
    expect(report.runs).toBe(target.testRuns);
  });
});
