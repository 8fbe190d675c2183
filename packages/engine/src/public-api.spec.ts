import { describe, expect, it } from '@jest/globals';
import * as conformance from './conformance.ts';
import * as api from './index.ts';

describe('public API of engine', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'Cancellation',
      'DEFAULTS',
      'EngineContext',
      'EngineError',
      'ExecutionContext',
      'MemoryAuditLog',
      'MemoryCatalogStore',
      'ParsedTexts',
      'ROLES',
      'SQL_LIMITS',
      'SqlExecutor',
      'doneOutcome',
      'isAtLeast',
      'parseBatch',
      'rowsOutcome',
    ]);
  });

  it('has what the specs of adapters need apart', () => {
    expect(Object.keys(conformance).sort()).toEqual([
      'answer',
      'catalogConformance',
      'failureOf',
      'requestOf',
      'rowsOf',
    ]);
  });
});
