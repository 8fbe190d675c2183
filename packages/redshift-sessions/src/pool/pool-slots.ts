import type { PoolSlot, SessionPoolStore } from '@mooring/session-store';

const PAGE = 500;

/** All slots of a target that count, or of one tenant in it, page by page. */
export async function* listSlots(
  pool: Pick<SessionPoolStore, 'list'>,
  selector: { readonly target: string; readonly tenantId?: string },
): AsyncGenerator<PoolSlot, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await pool.list(selector, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
