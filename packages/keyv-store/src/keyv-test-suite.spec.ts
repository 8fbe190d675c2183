import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { createMemoryStore } from '@mooring/store-memory';
import Keyv from 'keyv';
import { KeyvStore } from './index.ts';

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

  describe('for every adapter', () => keyvTestSuite(jest, Keyv, open));
  describe('for adapters with an iterator', () => keyvIteratorTests(jest, Keyv, open));
});
