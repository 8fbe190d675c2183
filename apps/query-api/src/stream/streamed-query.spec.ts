import { describe, expect, it } from '@jest/globals';
import type { Submitted } from '../queries/queries.ts';
import { StreamedQuery } from './streamed-query.ts';
import type { StreamedQueryParts } from './streamed-query.ts';

const OWNER = { tenantId: 'acme', userId: 'ann' };

describe('a streamed query', () => {
  it('that is left before it was submitted is stopped when it was', async () => {
    let submit!: (submitted: Submitted) => void;
    const submitted = new Promise<Submitted>((resolve) => (submit = resolve));
    const cancelled: string[] = [];
    const parts = {
      queries: { start: () => submitted },
      watch: { cancel: async (_: unknown, id: string) => void cancelled.push(id) },
      send: async () => {},
    } as unknown as StreamedQueryParts;
    const query = new StreamedQuery(parts, OWNER, { type: 'run', ref: 'a', sql: 'select 1' } as never);
    const run = query.run();
    await query.leave();
    expect(cancelled).toEqual([]);
    submit({ id: 'q1' } as Submitted);
    await run;
    expect(cancelled).toEqual(['q1']);
  });
});
