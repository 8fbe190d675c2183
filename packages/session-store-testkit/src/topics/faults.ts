import assert from 'node:assert/strict';
import type { StoreBackend, StoreError } from '@mooring/session-store';
import { accepted, inTime, openedOver, parallel, recovered, refusedAs, storeErrorOf, until } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Checks, Trial } from '../harness.ts';
import { preparedOperations } from '../operations/operations.ts';
import type { FaultLine } from '../powers.ts';
import { created, isAlive, refOf, sessionOf } from '../samples.ts';

const AWAY = ['unavailable', 'timeout', 'throttled'];

/** A client behind a line that breaks on request, with a connection over it. */
async function behind(
  trial: Trial,
  faults: () => Promise<FaultLine>,
): Promise<{ readonly line: FaultLine; readonly store: StoreBackend }> {
  const line = trial.keep(await faults());
  const store = await openedOver(trial, line);
  await recovered(trial, 'a ping', () => store.ping());
  return { line, store };
}

function requireAway(what: string, error: StoreError): void {
  const seen = `${what} failed with ${error.code} (${error.message})`;
  assert.ok(AWAY.includes(error.code), `${seen}, should be ${AWAY.join(' or ')}`);
  assert.ok(error.retryable, `${seen}, should be retryable`);
}

export const faults: Checks = {
  'F-01: while the line is cut every operation fails, typed and retryable': needing('faults', async (trial, faults) => {
    const { line, store } = await behind(trial, faults);
    const operations = await preparedOperations(trial.store, { now: trial.clock.now() });
    line.cut();
    await Promise.all(
      operations.map(async ({ name, run }) => {
        const error = await storeErrorOf(trial, name, run(store));
        requireAway(name, error);
        assert.deepEqual([error.backend, error.operation.length > 0], [store.name, true]);
      }),
    );
  }),

  'F-01: when the line heals the same client goes on, and what was acknowledged is there': needing(
    'faults',
    async (trial, faults) => {
      const { line, store } = await behind(trial, faults);
      const before = await recovered(trial, 'a creation', () => created(store));
      line.cut();
      requireAway('a ping', await storeErrorOf(trial, 'a ping', store.ping()));
      requireAway('a creation', await storeErrorOf(trial, 'a creation', store.sessions.create(sessionOf())));
      line.heal();
      await recovered(trial, 'a ping', () => store.ping());
      assert.deepEqual(accepted(await recovered(trial, 'a read', () => store.sessions.get(refOf(before)))), before);
      const after = await recovered(trial, 'a creation', () => created(store));
      assert.ok(await isAlive(trial.second, after));
    },
  ),

  'F-01: while the line hangs calls time out, and nobody knows whether they counted': needing(
    'faults',
    async (trial, faults) => {
      const { line, store } = await behind(trial, faults);
      const session = await created(trial.store);
      line.hang();
      const writes = Array.from({ length: 10 }, () =>
        storeErrorOf(trial, 'a creation', store.sessions.create(sessionOf())),
      );
      const reads = Array.from({ length: 10 }, () => storeErrorOf(trial, 'a read', store.sessions.get(refOf(session))));
      const errors = await Promise.all([...writes, ...reads]);
      for (const error of errors) requireAway('a call', error);
      const timeouts = errors.filter(({ code }) => code === 'timeout');
      assert.ok(timeouts.length > 0, 'no call timed out');
      for (const { outcome } of timeouts) assert.equal(outcome, 'unknown');
      line.heal();
      await recovered(trial, 'a ping', () => store.ping());
      assert.ok(await recovered(trial, 'a read', () => isAlive(store, session)));
    },
  ),

  'F-03: of 200 calls over a hung line each ends, and none takes anything from later ones': needing(
    'faults',
    async (trial, faults) => {
      const { line, store } = await behind(trial, faults);
      const ref = refOf(await created(trial.store));
      line.hang();
      const errors = await Promise.all(
        Array.from({ length: 200 }, () => storeErrorOf(trial, 'a read', store.sessions.get(ref))),
      );
      for (const error of errors) requireAway('a read', error);
      line.heal();
      await recovered(trial, 'a ping', () => store.ping());
      for (let round = 0; round < 10; round++) {
        const read = () => recovered(trial, 'a read', () => store.sessions.get(ref));
        for (const result of await Promise.all(Array.from({ length: 20 }, read))) accepted(result);
      }
    },
  ),

  'a slow line slows answers and changes none': needing('faults', async (trial, faults) => {
    const { line, store } = await behind(trial, faults);
    line.delay(15);
    const key = { tenantId: 'acme', name: 'n' };
    const rule = { limit: 5, windowMs: 60_000 };
    const decisions = await parallel({ ...trial, second: store }, 12, ({ limits }, index) =>
      recovered(trial, 'a unit', () => limits.consume(key, rule, { id: `request-${index}` })),
    );
    assert.equal(decisions.filter(({ allowed }) => allowed).length, 5);
    const record = await recovered(trial, 'a creation', () => created(store));
    const data = { slow: true };
    let tries = 0;
    const updated = await recovered(trial, 'an update', () => {
      tries += 1;
      return store.sessions.update(refOf(record), 1, { data });
    });
    // A try whose answer was too late may have counted.
    if (tries === 1 || updated.ok) accepted(updated);
    else refusedAs(updated, 'conflict');
    assert.deepEqual(accepted(await trial.store.sessions.get(refOf(record))).data, data);
  }),

  'F-01: closing ends also while the line hangs, and leaves no connection': needing('faults', async (trial, faults) => {
    const { line, store } = await behind(trial, faults);
    line.hang();
    const pending = storeErrorOf(trial, 'a ping', store.ping());
    await inTime(trial, 'closing', store.close());
    await pending;
    line.heal();
    await until(trial, 'the end of the last connection', () => line.connections() === 0);
  }),

  'F-01: without a backend opening fails, typed and retryable, or the first call does': needing(
    'faults',
    async (trial, faults) => {
      const line = trial.keep(await faults());
      const { namespace, clock } = trial;
      line.cut();
      const error = await storeErrorOf(trial, 'opening', firstCall(trial, line.open({ namespace, clock })));
      requireAway('opening', error);
      assert.equal(error.outcome, 'not_applied');
    },
  ),

  'F-04: an opening that failed is not remembered': needing('faults', async (trial, faults) => {
    const line = trial.keep(await faults());
    const { namespace, clock } = trial;
    line.cut();
    await storeErrorOf(trial, 'opening', firstCall(trial, line.open({ namespace, clock })));
    line.heal();
    const store = await openedOver(trial, line);
    assert.ok(await isAlive(trial.second, await recovered(trial, 'a creation', () => created(store))));
  }),
};

async function firstCall(trial: Trial, opening: Promise<StoreBackend>): Promise<unknown> {
  return trial.keep(await opening).sessions.get(refOf(sessionOf()));
}
