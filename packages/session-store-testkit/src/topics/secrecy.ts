import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { StoreError } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { accepted, failsWith, openedOver, storeErrorOf } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Checks, Trial } from '../harness.ts';
import { preparedOperations } from '../operations/operations.ts';
import { capturedOutput } from '../process/captured-output.ts';
import { created, digest, refOf, sessionOf } from '../samples.ts';

const VERIFIER = 'canary-3f9a-never-stored';
/** Is part of all names, ids and data that the operations are given. */
const WORD = 'canary7c41';

/** All that a logger, a reporter or a debugger could make of an error. */
function textsOf(error: unknown): string {
  const texts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const own = Object.getOwnPropertyNames(cause).map((name) => [name, Reflect.get(cause as object, name) as unknown]);
    texts.push(String(cause), cause.message, cause.stack ?? '', JSON.stringify(cause), inspect(own, { depth: 8 }));
  }
  texts.push(inspect(error, { depth: 8, showHidden: true }));
  return texts.join('\n');
}

/** The digests that stand for the verifiers of the operations, and the words that all else has in it. */
function secretsOf(): readonly string[] {
  return [WORD, ...[0, 1, 2, 3].map((place) => digest(`${WORD}-${place}`))];
}

function holdsNone(where: string, text: string, secrets = secretsOf()): void {
  for (const secret of secrets) assert.ok(!text.includes(secret), `${where} holds ${secret}`);
}

/** Runs every operation on a client that can't do it, and looks at all that comes of it. */
async function failing(trial: Trial, breaking: (store: StoreBackend) => unknown, store: StoreBackend): Promise<void> {
  const operations = await preparedOperations(trial.store, { now: trial.clock.now(), word: WORD });
  const output = await capturedOutput(async () => {
    await breaking(store);
    const failures = operations.map(({ name, run }) => storeErrorOf(trial, name, run(store)));
    for (const error of await Promise.all(failures)) {
      holdsNone(`the error of ${error.operation}`, textsOf(error));
    }
  });
  holdsNone('the output', output);
}

export const secrecy: Checks = {
  'S-19: a verifier is nowhere in what the backend holds': needing('raw.dump', async ({ store, namespace }, dump) => {
    const ref = refOf(await created(store, { verifier: digest(VERIFIER) }));
    accepted(await store.sessions.rotate(ref, { presented: digest(VERIFIER), next: digest('next'), graceMs: 1000 }));
    const held = await dump(namespace);
    assert.ok(held.includes(ref.id), 'the dump shows nothing of this session; it proves nothing');
    holdsNone('the backend', held, [VERIFIER]);
  }),

  'S-19: errors hold neither ids nor data nor digests': async ({ store }) => {
    const session = sessionOf({ subjectId: VERIFIER, data: { secret: VERIFIER }, verifier: digest(VERIFIER) });
    const error = await failsWith('invalid_argument', store.sessions.create({ ...session, idleTimeoutMs: 0 }));
    await store.close();
    const closed = await failsWith('closed', store.sessions.get(refOf(session)));
    for (const each of [error, closed]) {
      holdsNone('an error', textsOf(each), [VERIFIER, session.id, digest(VERIFIER)]);
    }
  },

  'S-19: when the store is closed no operation tells what it was given': (trial) =>
    failing(trial, (store) => store.close(), trial.second),

  'S-19: when the line is cut no operation tells what it was given': needing('faults', async (trial, faults) => {
    const line = trial.keep(await faults());
    await failing(trial, () => line.cut(), await openedOver(trial, line));
  }),

  'S-19: when the line hangs no operation tells what it was given': needing('faults', async (trial, faults) => {
    const line = trial.keep(await faults());
    await failing(trial, () => line.hang(), await openedOver(trial, line));
  }),

  'S-19: the error of a damaged record tells nothing of it': needing('raw.damageSession', async (trial, damage) => {
    const verifier = digest(`${WORD}-0`);
    const record = await created(trial.store, { data: { word: WORD }, subjectId: WORD, verifier });
    await damage(trial.namespace, refOf(record));
    const { sessions } = trial.store;
    const output = await capturedOutput(async () => {
      for (const call of [
        () => sessions.get(refOf(record)),
        () => sessions.touch(refOf(record), { presented: verifier }),
      ]) {
        holdsNone('the error', textsOf(await failsWith('corrupt', call())), [...secretsOf(), record.id]);
      }
    });
    holdsNone('the output', output);
  }),

  'S-19: what is refused for its arguments is not repeated': async ({ store, clock }) => {
    const operations = await preparedOperations(store, { now: clock.now(), word: `${WORD}\u0000` }).catch(
      (error: unknown) => error,
    );
    assert.ok(operations instanceof StoreError);
    holdsNone('the error', textsOf(operations));
    const bad = { tenantId: `${WORD}\u0000`, name: WORD };
    for (const call of [
      store.sessions.get({ tenantId: 'acme', id: `${WORD}*` }),
      store.sessions.create(sessionOf({ verifier: WORD })),
      store.sessions.list({ tenantId: 'acme' }, { limit: 1, cursor: WORD }),
      store.limits.consume(bad, { limit: 1, windowMs: 1000 }),
      store.attempts.check(`${WORD}\u0000`, []),
      store.leases.acquire(`${WORD}\u0000`, WORD, 1000),
    ]) {
      holdsNone('the error', textsOf(await failsWith('invalid_argument', call)));
    }
  },

  'S-19: the log of a client tells nothing that it was given': needing('logs', async (trial, logs) => {
    const { store, clock } = trial;
    for (const { run } of await preparedOperations(store, { now: clock.now(), word: WORD })) await run(store);
    await store.close();
    holdsNone('the log', logs().join('\n'));
  }),
};
