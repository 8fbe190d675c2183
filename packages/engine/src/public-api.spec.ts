import { describe, expect, it } from '@jest/globals';
import * as conformance from './conformance.ts';
import * as api from './index.ts';

describe('public API of engine', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'DEFAULTS',
      'EngineContext',
      'EngineError',
      'ExecutionContext',
      'MemoryAuditLog',
      'MemoryCatalogStore',
      'ROLES',
      'SQL_LIMITS',
      'SqlExecutor',
      'doneOutcome',
      'isAtLeast',
      'parseBatch',
      'rowsOutcome',
    ]);
  });

  it('has the catalog’s conformance apart', () => {
    expect(Object.keys(conformance)).toEqual(['catalogConformance']);
  });
});
