import { afterAll, describe, expect, it } from '@jest/globals';
import { createMemoryStore } from '@mooring/store-memory';
import { failedChecks } from '../conformance.ts';
import type { ConformanceHarness } from '../harness.ts';
import { MUTANTS } from './mutants.ts';

const memory: ConformanceHarness = {
  name: 'memory',
  capabilities: createMemoryStore().capabilities,
  open: async (options) => createMemoryStore(options),
};

describe('the kit', () => {
  const report: string[] = [];
  afterAll(() => {
    process.stdout.write(`${report.join('\n')}\n`);
  });

  it('passes the store that the mutants are made of', async () => {
    expect(await failedChecks(memory)).toEqual([]);
  });

  it.each(MUTANTS)('fails the mutant "$name"', async (mutant) => {
    const failed = await failedChecks(mutant.breaks(memory), {
      'model-runs': { reason: 'each mutant must fail a check that names its fault' },
    });
    const named = failed.map(({ topic, check }) => `${topic}: ${check}`);
    report.push(`${mutant.name} <- ${named.length} (${named.slice(0, 2).join('; ')})`);
    expect(named).not.toEqual([]);
  });
});
