import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '../topics/topics.ts';
import { NAMED_CHECKS, checksOf, idsOf } from './named-checks.ts';
import type { NamedCheck } from './named-checks.ts';

const ROOT = new URL('../../../../', import.meta.url);
const ALL: readonly (readonly [string, NamedCheck])[] = Object.entries(NAMED_CHECKS);

describe('the named checks', () => {
  it.each(ALL)('%s has a check that carries it, or somebody else who is asked', (id, { elsewhere }) => {
    const found = checksOf(id, TOPICS);
    if (elsewhere === undefined) return expect(found).not.toEqual([]);
    expect(found).toEqual([]);
    expect(elsewhere.reason).not.toBe('');
    expect([elsewhere.guard, existsSync(new URL(elsewhere.guard, ROOT))]).toEqual([elsewhere.guard, true]);
  });

  it('are all that checks are named after', () => {
    const names = Object.values(TOPICS).flatMap((checks) => Object.keys(checks));
    const ids = names.flatMap(idsOf);
    expect(ids.filter((id) => !Object.hasOwn(NAMED_CHECKS, id))).toEqual([]);
    // What begins like an id and is none would not be found.
    expect(names.filter((name) => /^[A-Z]{1,2}-?\d/.test(name) && idsOf(name).length === 0)).toEqual([]);
  });
});
