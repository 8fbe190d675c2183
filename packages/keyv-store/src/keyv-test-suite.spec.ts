import { afterEach, beforeEach, describe, expect, it, jest as timers } from '@jest/globals';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { createMemoryStore } from '@mooring/store-memory';
import Keyv from 'keyv';
import { KeyvStore } from './index.ts';

const ALL_BUT_DATES = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

type Runner = Parameters<typeof keyvTestSuite>[0];

/** Jest as the suite takes Vitest: a test gets `expect` as an argument. */
const jest = {
  beforeEach,
  afterEach,
  it: (name: string, test: (context: { expect: typeof expect }) => unknown) => it(name, async () => test({ expect })),
} as unknown as Runner;

describe('the test suite of Keyv', () => {
  const { sessions } = createMemoryStore();
  const open = (): KeyvStore => new KeyvStore({ sessions, tenantId: 'cache' });

  describe('for every adapter', () => {
    // Dates go on with the turns of this process: what is set for a second is read within it, also when it stands still.
    beforeEach(() => void timers.useFakeTimers({ advanceTimers: true, doNotFake: [...ALL_BUT_DATES] }));
    afterEach(() => void timers.useRealTimers());

    keyvTestSuite(jest, Keyv, open);
  });
  describe('for adapters with an iterator', () => keyvIteratorTests(jest, Keyv, open));
});
