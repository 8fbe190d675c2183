import type { TestRunner } from '../conformance.ts';
import { lostClient } from './lost-client.ts';
import { lostServer } from './lost-server.ts';
import { declareProcessChecks } from './process-harness.ts';
import type { CrashHarness, ProcessHarness } from './process-harness.ts';
import { races } from './races.ts';

/** Declares what holds between real processes on one backend as tests: races, and the loss of a process. */
export function processConformance(runner: TestRunner, harness: ProcessHarness): void {
  declareProcessChecks(runner, 'races of two processes', races, harness);
  declareProcessChecks(runner, 'the loss of a process', lostClient, harness);
}

/** Declares what holds when the server itself is killed and comes back, as tests. */
export function crashConformance(runner: TestRunner, harness: CrashHarness): void {
  declareProcessChecks(runner, 'the loss of the server', lostServer, harness);
}
