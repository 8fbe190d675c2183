import { runCheck } from './harness.ts';
import type { Checks, ConformanceHarness } from './harness.ts';
import { argumentsTopic } from './topics/arguments.ts';
import { attempts } from './topics/attempts.ts';
import { budgets } from './topics/budgets.ts';
import { compareAndSet } from './topics/compare-and-set.ts';
import { copies } from './topics/copies.ts';
import { expiry } from './topics/expiry.ts';
import { leases } from './topics/leases.ts';
import { lifecycle } from './topics/lifecycle.ts';
import { limits } from './topics/limits.ts';
import { maximumPerSubject } from './topics/maximum-per-subject.ts';
import { modelRuns } from './topics/model-runs.ts';
import { namespaces } from './topics/namespaces.ts';
import { owners } from './topics/owners.ts';
import { poolCaps } from './topics/pool-caps.ts';
import { poolIsolation } from './topics/pool-isolation.ts';
import { poolLeases } from './topics/pool-leases.ts';
import { poolRoom } from './topics/pool-room.ts';
import { poolSharing } from './topics/pool-sharing.ts';
import { replacingDead } from './topics/replacing-dead.ts';
import { rotation } from './topics/rotation.ts';
import { secrecy } from './topics/secrecy.ts';
import { sessionsLifecycle } from './topics/sessions-lifecycle.ts';
import { sweep } from './topics/sweep.ts';
import { tenants } from './topics/tenants.ts';
import { tombstones } from './topics/tombstones.ts';
import { touch } from './topics/touch.ts';

export const TOPICS = {
  'sessions-lifecycle': sessionsLifecycle,
  expiry,
  'compare-and-set': compareAndSet,
  tombstones,
  touch,
  rotation,
  owners,
  'maximum-per-subject': maximumPerSubject,
  'replacing-dead': replacingDead,
  tenants,
  namespaces,
  arguments: argumentsTopic,
  copies,
  secrecy,
  leases,
  'pool-leases': poolLeases,
  'pool-sharing': poolSharing,
  'pool-isolation': poolIsolation,
  'pool-caps': poolCaps,
  'pool-room': poolRoom,
  sweep,
  lifecycle,
  limits,
  attempts,
  budgets,
  'model-runs': modelRuns,
} as const satisfies Readonly<Record<string, Checks>>;

export type Topic = keyof typeof TOPICS;

/** What a test runner must offer; Jest, Vitest and `node:test` do. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** Topics that an adapter leaves out, each with the reason, which the run shows. */
export type OptOut = Readonly<Partial<Record<Topic, { readonly reason: string }>>>;

/** Declares the whole contract as tests of one adapter. */
export function conformance(runner: TestRunner, harness: ConformanceHarness, optOut: OptOut = {}): void {
  for (const [topic, checks] of Object.entries(TOPICS) as [Topic, Checks][]) {
    runner.describe(`${harness.name}: ${topic}`, () => {
      const leftOut = optOut[topic];
      if (leftOut !== undefined) {
        if (leftOut.reason.trim() === '') throw new TypeError(`leaving out ${topic} takes a reason`);
        runner.it(`is left out: ${leftOut.reason}`, async () => {});
        return;
      }
      for (const [name, check] of Object.entries(checks)) runner.it(name, () => runCheck(harness, check));
    });
  }
}

export interface FailedCheck {
  readonly topic: Topic;
  readonly check: string;
  readonly error: unknown;
}

/** Runs the contract without a test runner and answers what failed: for reports, and for mutants. */
export async function failedChecks(harness: ConformanceHarness, optOut: OptOut = {}): Promise<readonly FailedCheck[]> {
  const failed: FailedCheck[] = [];
  for (const [topic, checks] of Object.entries(TOPICS) as [Topic, Checks][]) {
    if (optOut[topic] !== undefined) continue;
    for (const [name, check] of Object.entries(checks)) {
      try {
        await runCheck(harness, check);
      } catch (error) {
        failed.push({ topic, check: name, error });
      }
    }
  }
  return failed;
}
