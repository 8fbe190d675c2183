import { expect, it } from '@jest/globals';
import * as api from './index.ts';

it('offers pods and users', () => {
  expect(Object.keys(api).sort()).toEqual([
    'Fleet',
    'ROOT',
    'askPod',
    'createUser',
    'letTenantsCreateSchemas',
    'login',
    'podsAt',
    'tokenOf',
  ]);
});
