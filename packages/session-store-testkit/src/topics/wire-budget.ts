import assert from 'node:assert/strict';
import { needing } from '../harness.ts';
import type { Checks } from '../harness.ts';
import { preparedOperations } from '../operations/operations.ts';
import { created, digest, refOf } from '../samples.ts';

export const wireBudget: Checks = {
  'every operation is one command': needing('wire', async ({ namespace, clock, keep }, wire) => {
    const client = await wire.open({ namespace, clock });
    const store = keep(client.store);
    const { exceptions = {} } = wire;
    const tooMany: string[] = [];
    const operations = await preparedOperations(store, { now: clock.now() });
    for (const { name, run } of operations) {
      const before = await client.sent();
      await run(store);
      const commands = (await client.sent()) - before;
      if (exceptions[name] === undefined && commands !== 1) tooMany.push(`${name}: ${commands}`);
    }
    assert.deepEqual(tooMany, []);
    const unknown = Object.keys(exceptions).filter((name) => !operations.some((operation) => operation.name === name));
    assert.deepEqual(unknown, [], 'an exception names no operation');
  }),

  'what is refused for its arguments is not sent': needing('wire', async ({ namespace, clock, keep }, wire) => {
    const client = await wire.open({ namespace, clock });
    const store = keep(client.store);
    const before = await client.sent();
    await assert.rejects(store.sessions.get({ tenantId: 'acme', id: '*' }));
    await assert.rejects(store.limits.consume({ tenantId: '', name: 'n' }, { limit: 1, windowMs: 1000 }));
    await assert.rejects(store.leases.acquire('sweeper', 'a', 0));
    assert.equal(await client.sent(), before);
  }),

  'S-07: a touch that is not due leaves the backend as it was': needing('raw.dump', async (trial, dump) => {
    const { store, clock, namespace } = trial;
    const ref = refOf(await created(store, { verifier: digest('a') }));
    const presented = digest('a');
    await store.sessions.touch(ref, { presented, minIntervalMs: 1000 });
    const before = await dump(namespace);
    await clock.advance(999);
    await store.sessions.touch(ref, { presented, minIntervalMs: 1000 });
    assert.equal(await dump(namespace), before);
    await clock.advance(1);
    await store.sessions.touch(ref, { presented, minIntervalMs: 1000 });
    assert.notEqual(await dump(namespace), before, 'the dump shows no write; it proves nothing');
  }),
};
