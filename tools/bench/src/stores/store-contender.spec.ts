import { describe, expect, it } from '@jest/globals';
import { createMemoryStore } from '@mooring/store-memory';
import { OPERATIONS, type Operation } from './contender.ts';
import { RULE, StoreContender } from './store-contender.ts';
import { DATA, newHousehold, newSubject, newVisitor } from './visitors.ts';
import { Workload } from './workload.ts';

const operations = Object.keys(OPERATIONS) as Operation[];

describe('Workload', () => {
  it.each(operations)(
    'makes calls of %s ready that the store accepts, also more than there are sessions',
    async (name) => {
      const workload = await Workload.fillFor(new StoreContender(createMemoryStore()), 10);
      const call = await workload.prepare(name, 25);
      for (let index = 0; index < 25; index += 1) await call(index);
    },
  );
});

describe('StoreContender', () => {
  const contender = new StoreContender(createMemoryStore());

  it('has 200 bytes of data in a session', () => {
    expect(JSON.stringify(DATA)).toHaveLength(200);
  });

  it('refuses to measure anything but what is meant', async () => {
    const visitor = newVisitor(newSubject());
    const { create, get, verify, touch, update, rotate, revoke } = contender.operations;
    await create(visitor);
    await expect(create(visitor)).rejects.toThrow('exists');
    await expect(verify({ ...visitor, verifier: newVisitor('other').verifier })).rejects.toThrow('mismatch');
    await expect(update({ ...visitor, version: 7 })).rejects.toThrow('conflict');
    await revoke(visitor);
    for (const operation of [get, verify, touch, update, rotate]) {
      await expect(operation(visitor)).rejects.toThrow('revoked');
    }
    await expect(contender.operations.list(newHousehold(2))).rejects.toThrow('not all were listed');
    await expect(contender.operations.settle('none')).rejects.toThrow('not_found');
    await expect(contender.operations.poolAcquire({ target: 'empty', leaseId: 'one' })).rejects.toThrow('no idle');
  });

  it('notices a limit that is reached', async () => {
    for (let unit = 0; unit < RULE.limit; unit += 1) await contender.operations.consume('busy');
    await expect(contender.operations.consume('busy')).rejects.toThrow('the limit was reached');
  });
});
