import type { StoreCapabilities } from '@mooring/session-store';
import { notApplicable } from '../harness.ts';
import type { Check, Checks, ConformanceHarness } from '../harness.ts';
import { NEEDS, isLeftOut, powerOf } from '../powers.ts';
import type { LeftOut, Need } from '../powers.ts';

/** How one adapter did, as it is written down. */
export interface AdapterReport {
  readonly capabilities: StoreCapabilities;
  /** What its harness gives the kit: `given`, or why not. */
  readonly gives: Readonly<Record<Need, string>>;
  /** Operations that may take more than one command, with the reasons. */
  readonly severalCommands: Readonly<Record<string, string>>;
  /** Topics that are left out, with the reasons. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** By topic and check: `passes`, or what the check would need. */
  readonly checks: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const PASSES = 'passes';

/** Fills while the tests of an adapter run. */
export class ConformanceReport {
  private readonly passedChecks = new Set<Check>();

  constructor(
    private readonly harness: ConformanceHarness,
    private readonly optOut: Readonly<Partial<Record<string, LeftOut>>>,
    private readonly topics: Readonly<Record<string, Checks>>,
  ) {}

  get adapter(): string {
    return this.harness.name;
  }

  passed(check: Check): void {
    this.passedChecks.add(check);
  }

  /**
   * What is written down of the adapter.
   * @throws Error unless every check that applies has passed
   */
  finished(): AdapterReport {
    return { ...this.declared(), checks: this.mapTopics((check, name) => this.resultOf(check, name)) };
  }

  /** What is known without running anything. */
  declared(): Omit<AdapterReport, 'checks'> {
    const gives = NEEDS.map((need) => {
      const power = powerOf(this.harness, need);
      return [need, isLeftOut(power) ? power.reason : 'given'];
    });
    const wire = powerOf(this.harness, 'wire');
    const leftOut = Object.entries(this.optOut).map(([topic, why]) => [topic, why?.reason ?? '']);
    return {
      capabilities: { ...this.harness.capabilities },
      gives: Object.fromEntries(gives) as Record<Need, string>,
      severalCommands: { ...(isLeftOut(wire) ? {} : wire.exceptions) },
      leftOut: Object.fromEntries(leftOut) as Record<string, string>,
    };
  }

  private mapTopics(result: (check: Check, name: string) => string): AdapterReport['checks'] {
    const topics = Object.entries(this.topics).filter(([topic]) => this.optOut[topic] === undefined);
    return Object.fromEntries(
      topics.map(([topic, checks]) => [
        topic,
        Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, result(check, name)])),
      ]),
    );
  }

  private resultOf(check: Check, name: string): string {
    if (notApplicable(this.harness, check) !== undefined) return `needs ${check.needs}`;
    if (!this.passedChecks.has(check)) throw new Error(`"${name}" has not passed in this run: run the whole spec`);
    return PASSES;
  }
}
