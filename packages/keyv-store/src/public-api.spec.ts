import { expect, it } from '@jest/globals';
import * as api from './index.ts';

it('is these names', () => {
  expect(Object.keys(api)).toEqual(['KeyvStore']);
});
