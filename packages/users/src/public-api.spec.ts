import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of users', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'PasswordHasher',
      'PasswordQueueFull',
      'ROLES',
      'SessionEnds',
      'TENANT_ID_TAKES',
      'USERNAME_TAKES',
      'UserDatabase',
      'UserDatabaseError',
      'Users',
      'inspectUsers',
      'isTenantId',
      'isUsername',
      'loginAccount',
      'outranks',
      'passwordFault',
      'usernameKey',
      'usersFaults',
    ]);
  });
});
