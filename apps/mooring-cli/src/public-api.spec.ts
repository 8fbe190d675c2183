import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of mooring-cli', () => {
  it('is these names', () => {
    expect(Object.keys(api)).toEqual(['run']);
  });
});
