import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of cleanup-worker', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual(['CleanupWorkerModule', 'configSchema', 'problems', 'readConfig', 'serve']);
  });
});
