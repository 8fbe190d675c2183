import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('the package', () => {
  it('has these names', () => {
    expect(Object.keys(api).sort()).toEqual(['RedshiftEngine', 'createRedshiftEngine', 'isAllowedFunction']);
  });
});
