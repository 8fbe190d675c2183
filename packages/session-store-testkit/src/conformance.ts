import { notApplicable, runCheck } from './harness.ts';
import type { Checks, ConformanceHarness } from './harness.ts';
import type { LeftOut } from './powers.ts';
import { ConformanceReport } from './report/conformance-report.ts';
import { TOPICS } from './topics/topics.ts';
import type { Topic } from './topics/topics.ts';

/** What a test runner must offer; Jest, Vitest and `node:test` do. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** Topics that an adapter leaves out, each with the reason, which the run shows. */
export type OptOut = Readonly<Partial<Record<Topic, LeftOut>>>;

/** Declares the whole contract as tests of one adapter. The report fills as they run. */
export function conformance(runner: TestRunner, harness: ConformanceHarness, optOut: OptOut = {}): ConformanceReport {
  const report = new ConformanceReport(harness, optOut, TOPICS);
  for (const [topic, checks] of Object.entries(TOPICS) as [Topic, Checks][]) {
    runner.describe(`${harness.name}: ${topic}`, () => {
      const leftOut = optOut[topic];
      if (leftOut !== undefined) {
        if (leftOut.reason.trim() === '') throw new TypeError(`leaving out ${topic} takes a reason`);
        runner.it(`is left out: ${leftOut.reason}`, async () => {});
        return;
      }
      for (const [name, check] of Object.entries(checks)) {
        const reason = notApplicable(harness, check)?.reason;
        if (reason !== undefined) runner.it(`${name} (does not apply: ${reason})`, async () => {});
        else
          runner.it(name, async () => {
            await runCheck(harness, check);
            report.passed(check);
          });
      }
    });
  }
  return report;
}

export interface FailedCheck {
  readonly topic: Topic;
  readonly check: string;
  readonly error: unknown;
}

/**
 * Runs the contract without a test runner and answers what failed: for reports, and for mutants. Stops when as many as
 * `most` have failed.
 */
export async function failedChecks(
  harness: ConformanceHarness,
  optOut: OptOut = {},
  { most = Infinity }: { readonly most?: number } = {},
): Promise<readonly FailedCheck[]> {
  const failed: FailedCheck[] = [];
  for (const [topic, checks] of Object.entries(TOPICS) as [Topic, Checks][]) {
    if (optOut[topic] !== undefined) continue;
    for (const [name, check] of Object.entries(checks)) {
      if (notApplicable(harness, check) !== undefined) continue;
      try {
        await runCheck(harness, check);
      } catch (error) {
        failed.push({ topic, check: name, error });
        if (failed.length >= most) return failed;
      }
    }
  }
  return failed;
}
