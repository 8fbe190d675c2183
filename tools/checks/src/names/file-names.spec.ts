import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { fileNames } from './file-names.ts';

it.each(['memoryStore.ts', 'Memory.ts', 'memory_store.ts', 'memory.store.ts', 'Rows/row.ts', 'a--b.ts'])(
  'catches %s',
  async (name) => {
    const path = `packages/store-memory/src/${name}`;
    expect(await findPlanted(fileNames, { [path]: '' })).toEqual([`${path}:1 the path is not in kebab-case`]);
  },
);

it.each(['memory-store.ts', 'http2.spec.ts', 'flow.e2e.spec.ts', 'row.fixture.ts', 'rows/1-create.ts', 'run.mjs'])(
  'lets pass %s',
  async (name) => {
    expect(await findPlanted(fileNames, { [`packages/store-memory/src/${name}`]: '' })).toEqual([]);
  },
);
