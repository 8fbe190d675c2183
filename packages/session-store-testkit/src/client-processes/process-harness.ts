import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreBackend, SweepTarget } from '@mooring/session-store';
import type { TestRunner } from '../conformance.ts';

/** Another process with a client of its own. Starting it is the spec's business. */
export interface ClientProcess {
  /** Its store: each call runs there. A failure has the name, code and outcome that it had there. */
  readonly store: StoreBackend;
  /** Ends it as it stands (SIGKILL): what it reported before counts as answered, all other calls fail. */
  kill(): Promise<void>;
}

/** How the kit gets at several processes on one backend. All are in one namespace and decide by the store's own clock. */
export interface ProcessHarness {
  readonly name: string;
  /** The stores of two processes that outlive the checks. */
  stores(): readonly [StoreBackend, StoreBackend];
  /** One more process, which the kit kills. */
  start(): Promise<ClientProcess>;
  /** How long the kit waits for what has to come in the end. Default 60,000. */
  readonly patienceMs?: number;
}

/** The same, with the server itself in the hands of the kit: nobody else uses it. */
export interface CrashHarness extends ProcessHarness {
  /** What the backend promises to keep when its server crashes. */
  readonly survives: readonly SweepTarget[];
  /** How long a call of the clients takes at most while the server is away; a busy machine may hold some of them up. */
  readonly callLimitMs: number;
  /** SIGKILL. */
  killServer(): Promise<void>;
  /** On the same address, with what it kept. */
  restartServer(): Promise<void>;
}

export type ProcessChecks<Harness> = Readonly<Record<string, (harness: Harness) => Promise<void>>>;

export function declareProcessChecks<Harness extends ProcessHarness>(
  runner: TestRunner,
  title: string,
  checks: ProcessChecks<Harness>,
  harness: Harness,
): void {
  runner.describe(`${harness.name}: ${title}`, () => {
    for (const [name, check] of Object.entries(checks)) runner.it(name, () => check(harness));
  });
}

/** A name that no other check has. */
export function fresh(kind: string): string {
  return `${kind}-${randomUUID()}`;
}

const POLL_MS = 10;

/** Asks again until it is so. Patience is counted in looks, so that time in which this process stood still costs none. */
export async function eventually(
  { patienceMs = 60_000 }: Pick<ProcessHarness, 'patienceMs'>,
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let looks = patienceMs / POLL_MS; !(await isSo()); looks -= 1) {
    assert.ok(looks > 0, `waited ${patienceMs} ms in vain: ${what}`);
    await sleep(POLL_MS);
  }
}
