import assert from 'node:assert/strict';
import { Load } from './load.ts';
import type { CrashHarness, ProcessChecks } from './process-harness.ts';
import { isTypedFailure } from './trace.ts';

/** What a machine that others keep busy may add to a call. */
const BUSY_MS = 60_000;

/** Kills the server under load from two processes, brings it back, and waits until all of their callers work again. */
async function loadThroughCrash(harness: CrashHarness): Promise<Load> {
  const load = new Load(harness, harness.stores());
  try {
    await load.each('work of every kind', 'steps', 4);
    await harness.killServer();
    // The first is of a call that was under way, the others are of calls that begin while it is away.
    await load.each('failures of every call', 'failures', 3);
    await harness.restartServer();
    await load.each('work of every kind again', 'steps', 2);
  } finally {
    await load.stop();
  }
  return load;
}

export const lostServer: ProcessChecks<CrashHarness> = {
  'a server that is killed under load and comes back: each call ends in time and typed, the clients go on, and what was acknowledged is kept as far as it is promised':
    async (harness) => {
      const load = await loadThroughCrash(harness);
      for (const failure of load.failures) {
        assert.ok(isTypedFailure(failure), `failed with ${String(failure)}, should be a retryable StoreError`);
      }
      for (const trace of load.traces) {
        const { kind, longestCallMs, typicalFailureMs } = trace;
        const { callLimitMs } = harness;
        assert.ok(typicalFailureMs <= callLimitMs, `a failing call on ${kind} took ${Math.round(typicalFailureMs)} ms`);
        const longestMs = callLimitMs + BUSY_MS;
        assert.ok(longestCallMs <= longestMs, `a call on ${kind} took ${Math.round(longestCallMs)} ms`);
        for (const store of harness.stores()) await trace.verify(store, harness.survives.includes(kind));
      }
    },
};
