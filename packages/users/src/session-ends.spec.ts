import { describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { SessionEnds } from './session-ends.ts';
import type { User } from './user.ts';

const userOf = (id: string): User => ({
  id,
  username: id,
  tenantId: 'acme',
  role: 'user',
  disabled: false,
  createdAt: new Date(0),
  changedAt: new Date(0),
  version: 2,
  endingTenantId: 'acme',
});

/** Makes up for the sessions of three users, where those of the first can't be ended. */
async function finished(
  code: 'corrupt' | 'unavailable',
): Promise<{ readonly error: unknown; readonly ended: string[] }> {
  const ended: string[] = [];
  const users = {
    listEnding: async () => ['ann', 'bob', 'eve'].map(userOf),
    sessionsEnded: async ({ id }: User) => void ended.push(id),
  };
  const revokeAll = async ({ subjectId }: { readonly subjectId: string }): Promise<void> => {
    if (subjectId === 'ann')
      throw new StoreError({ code, message: 'x', backend: 'x', operation: 'sessions.revokeWhere' });
  };
  const error = await new SessionEnds(users, { revokeAll }).finish(0).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { error, ended };
}

describe('a user whose sessions can not be ended', () => {
  it('keeps no other waiting, and is told of', async () => {
    expect(await finished('corrupt')).toMatchObject({ error: { code: 'corrupt' }, ended: ['bob', 'eve'] });
  });

  it('because the store is away, is tried again with the others', async () => {
    expect(await finished('unavailable')).toMatchObject({ error: { code: 'unavailable' }, ended: [] });
  });
});
