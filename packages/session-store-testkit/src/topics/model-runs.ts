import * as fc from 'fast-check';
import type { StoreBackend } from '@mooring/session-store';
import type { Check, Checks, Trial } from '../harness.ts';
import { AttemptRun, attemptCommands } from '../model/attempt-run.ts';
import { BudgetRun, budgetCommands } from '../model/budget-run.ts';
import { LeaseRun, leaseCommands } from '../model/lease-run.ts';
import { LimitRun, limitCommands } from '../model/limit-run.ts';
import { poolCommands } from '../model/pool-commands.ts';
import { PoolRun } from '../model/pool-run.ts';
import { sessionCommands } from '../model/session-commands.ts';
import { SessionRun } from '../model/session-run.ts';

/** The same for each backend, so that all of them see the same sequences. A failure names seed and path. */
const SEED = 20_261_121;
const RUNS = 50;

interface Run<Command> {
  step(command: Command): Promise<void>;
}

/** Random sequences, each on names of its own, that begin on one client or the other. */
function agrees<Command>(
  sequences: fc.Arbitrary<Command[]>,
  begin: (trial: Trial, client: StoreBackend, number: number) => Run<Command>,
): Check {
  return async (trial) => {
    const { store, second, harness } = trial;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(sequences, async (commands) => {
        const run = begin(trial, runs % 2 === 0 ? store : second, ++runs);
        for (const command of commands) await run.step(command);
      }),
      { seed: harness.modelSeed ?? SEED, numRuns: harness.modelRuns ?? RUNS },
    );
  };
}

export const modelRuns: Checks = {
  'random sequences on sessions answer as the model does': agrees(
    sessionCommands,
    ({ clock }, client, number) => new SessionRun(client, clock, `tenant-${number}`),
  ),
  'random sequences on pooled sessions answer as the model does': agrees(
    poolCommands,
    ({ clock }, client, number) => new PoolRun(client, clock, `warehouse-${number}`),
  ),
  'L-05: random sequences on limits answer as the model does, and so do bursts from two clients': agrees(
    limitCommands,
    (trial, _, number) => new LimitRun(trial, `tenant-${number}`),
  ),
  'random sequences on attempts answer as the model does, and so do bursts from two clients': agrees(
    attemptCommands,
    (trial, _, number) => new AttemptRun(trial, `tenant-${number}`),
  ),
  'B-01: random sequences on budgets answer as the model does, and so do bursts from two clients': agrees(
    budgetCommands,
    (trial, _, number) => new BudgetRun(trial, `tenant-${number}`),
  ),
  'random sequences on leases answer as the model does, and so do bursts from two clients': agrees(
    leaseCommands,
    (trial, _, number) => new LeaseRun(trial, `lease-${number}`),
  ),
};
