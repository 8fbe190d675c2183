import type { Page, PageRequest } from '@mooring/session-store';

const PAGE = 1000;
const MOST_ITEMS = 10_000;

/** What is on all pages of a list, up to 10,000 items. */
export async function everyItem<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== undefined && items.length < MOST_ITEMS);
  return items.slice(0, MOST_ITEMS);
}
