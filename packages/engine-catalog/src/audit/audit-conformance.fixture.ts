import { describe, expect, it } from '@jest/globals';
import type { DurableCatalog } from '../index.ts';
import { eventOf, failureOf, times } from '../samples.fixture.ts';
import type { AuditLog } from './audit-log.ts';

/** What every audit log must do. `open` gives an empty one. */
export function auditConformance(name: string, open: () => Promise<DurableCatalog>): void {
  const check = (title: string, body: (audit: AuditLog) => Promise<void>): void =>
    it(title, async () => {
      const catalog = await open();
      try {
        await body(catalog.audit);
      } finally {
        await catalog.close();
      }
    });

  describe(`the audit log in ${name}`, () => {
    check('gives what was recorded, as it was', async (audit) => {
      const full = eventOf(1_767_225_600_000.25, {
        role: 'dba',
        asUserId: "o'neil",
        action: 'execute_as_user',
        target: 'sales."Ä\t%_\\',
        outcome: 'denied',
        code: 'forbidden',
        rowsAffected: null,
        queryId: 'q1',
        requestId: 'r1',
        clientAddress: '2001:db8::1',
      });
      await audit.record(full);
      expect(await audit.recent('acme', 10)).toEqual([full]);
    });

    check('gives the newest first, those of a tenant', async (audit) => {
      const at = [5, 1, 3, 3, 2];
      for (const [index, time] of at.entries()) await audit.record(eventOf(time, { requestId: `r${index}` }));
      await audit.record(eventOf(9, { tenantId: 'other' }));
      const ids = (await audit.recent('acme', 10)).map(({ requestId }) => requestId);
      expect(ids).toEqual(['r0', 'r3', 'r2', 'r4', 'r1']);
      expect(await audit.recent('acme', 2)).toHaveLength(2);
      expect((await audit.recent('other', 10)).map((event) => event.at)).toEqual([9]);
      expect(await audit.recent('ACME', 10)).toEqual([]);
    });

    check('pages through all of them, whatever is recorded and pruned meanwhile', async (audit) => {
      await Promise.all(times(25, (index) => audit.record(eventOf(100 + (index % 4), { requestId: `r${index}` }))));
      const seen: (string | null)[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await audit.list('acme', { limit: 5, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ requestId }) => requestId));
        ({ cursor } = page);
        pages += 1;
        await audit.record(eventOf(500 + pages, { requestId: 'later' }));
        await audit.prune({ olderThan: 50, limit: 10 });
      } while (cursor !== undefined);
      expect(pages).toBe(5);
      expect(new Set(seen)).toEqual(new Set(times(25, (index) => `r${index}`)));
      expect(seen).toHaveLength(25);
    });

    check('prunes the oldest of all tenants, no more than the limit at once', async (audit) => {
      for (const at of [4, 2, 3, 1]) await audit.record(eventOf(at));
      await audit.record(eventOf(0, { tenantId: 'other' }));
      const left = async (): Promise<number[]> => (await audit.recent('acme', 10)).map(({ at }) => at);
      const count = { olderThan: 4, dryRun: true };
      expect(await audit.prune({ ...count, limit: 3 })).toEqual({ deleted: 3, more: true });
      expect(await audit.prune({ ...count, limit: 10 })).toEqual({ deleted: 4, more: false });
      expect(await audit.prune({ olderThan: 4, limit: 3 })).toEqual({ deleted: 3, more: true });
      expect(await left()).toEqual([4, 3]);
      expect(await audit.recent('other', 10)).toEqual([]);
      expect(await audit.prune({ olderThan: 4, limit: 3 })).toEqual({ deleted: 1, more: false });
      expect(await left()).toEqual([4]);
      expect(await audit.prune({ olderThan: 4, limit: 3 })).toEqual({ deleted: 0, more: false });
    });

    check('lets many prune at once: each row goes once', async (audit) => {
      await Promise.all(times(60, (index) => audit.record(eventOf(index))));
      const pruned = await Promise.all(times(8, () => audit.prune({ olderThan: 50, limit: 10 })));
      expect(pruned.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(50);
      expect(await audit.recent('acme', 100)).toHaveLength(10);
    });

    check('refuses what it can not do', async (audit) => {
      const cursorOf = (json: string): string => Buffer.from(json).toString('base64url');
      const refusals = [
        audit.recent('acme', 0),
        audit.recent('acme', 10_001),
        audit.recent('a\0', 1),
        audit.list('acme', { limit: 1001 }),
        audit.list('acme', { limit: 1, cursor: cursorOf('["other",1,2]') }),
        audit.list('acme', { limit: 1, cursor: 'x' }),
        audit.list('acme', { limit: 1, cursor: cursorOf('["audit","1",2]') }),
        audit.prune({ olderThan: 1, limit: 0 }),
        audit.prune({ olderThan: 1, limit: 10_001 }),
        audit.prune({ olderThan: Number.NaN, limit: 1 }),
        audit.record(eventOf(Number.NaN)),
        audit.record(eventOf(-1)),
        audit.record(eventOf(1, { tenantId: 'a\ud800' })),
      ];
      for (const refusal of refusals) {
        expect(await failureOf(refusal)).toMatchObject({ code: 'invalid_argument', retryable: false });
      }
    });
  });
}
