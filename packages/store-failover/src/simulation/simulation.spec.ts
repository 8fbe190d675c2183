import { describe, expect, it } from '@jest/globals';
import { MUTANTS } from './mutants.fixture.ts';
import { World } from './world.fixture.ts';

describe('N-01: three processes, one authority, a Redis in trouble', () => {
  it('after a change was acknowledged no process answers with what was before, and all come back', async () => {
    const seeds = 120;
    const total = { answers: 0, hits: 0, waits: 0, epochs: 0 };
    for (let seed = 1; seed <= seeds; seed++) {
      const outcome = await new World(seed).run().catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += outcome[name];
    }
    expect(total.answers).toBeGreaterThan(seeds * 100);
    expect(total.hits).toBeGreaterThan(seeds * 20);
    expect(total.waits).toBeGreaterThan(seeds);
    expect(total.epochs).toBeGreaterThan(seeds * 4);
  }, 240_000);

  it.each(Object.entries(MUTANTS))(
    'finds out when %s',
    async (_fault, sabotage) => {
      for (let seed = 1; seed <= 100; seed++) {
        const error = await new World(seed, sabotage).run().catch((found: Error) => found);
        if (error instanceof Error) {
          expect(error.message).toMatch(/^(a session that was over|an older|version \d+ has two)/);
          return;
        }
      }
      throw new Error('nothing was found');
    },
    120_000,
  );
});
