import { describe, expect, it } from '@jest/globals';
import * as client from './client.ts';
import * as api from './index.ts';

describe('public API of store-postgres', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'PostgresStore',
      'createPostgresStore',
      'entities',
      'inspectPostgres',
      'migrations',
    ]);
    expect(Object.keys(client)).toEqual(['openPool']);
  });
});
