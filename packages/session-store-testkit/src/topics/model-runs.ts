import * as fc from 'fast-check';
import type { Checks } from '../harness.ts';
import { poolCommands } from '../model/pool-commands.ts';
import { PoolRun } from '../model/pool-run.ts';
import { sessionCommands } from '../model/session-commands.ts';
import { SessionRun } from '../model/session-run.ts';

/** The same for each backend, so that all of them see the same sequences. A failure names seed and path. */
const SEED = 20_261_121;
const RUNS = 50;

export const modelRuns: Checks = {
  'random sequences on sessions answer as the model does': async ({ store, second, clock, harness }) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(sessionCommands, async (commands) => {
        const run = new SessionRun(runs % 2 === 0 ? store : second, clock, `tenant-${++runs}`);
        for (const command of commands) await run.step(command);
      }),
      { seed: harness.modelSeed ?? SEED, numRuns: harness.modelRuns ?? RUNS },
    );
  },

  'random sequences on pooled sessions answer as the model does': async ({ store, second, clock, harness }) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(poolCommands, async (commands) => {
        const run = new PoolRun(runs % 2 === 0 ? store : second, clock, `warehouse-${++runs}`);
        for (const command of commands) await run.step(command);
      }),
      { seed: harness.modelSeed ?? SEED, numRuns: harness.modelRuns ?? RUNS },
    );
  },
};
