import { openStockOf, type RunningBackend } from '../backends/backend.ts';
import type { Stock } from '../stock/stock.ts';
import { IDLE_TIMEOUT_MS, newSubject, newVisitor } from '../stores/visitors.ts';

/** Bytes of everything together. */
export interface Footprint {
  /** Of the smaller number of sessions and of the larger, those that were filled in. */
  readonly few: Amount;
  readonly many: Amount;
  /** After all expired and were swept. */
  readonly emptyBytes: number;
  /** After as many were filled in again. */
  readonly againBytes: number;
  /** Of the smaller number, by peer. */
  readonly peers: readonly { readonly name: string; readonly bytes: number }[];
}

export interface Amount {
  readonly sessions: number;
  readonly bytes: number;
}

const CHUNK = 10_000;
const BATCH = 10_000;

/** Does not keep what it fills in: in a store in the process it would count. */
async function fill(stock: Stock, sessions: number): Promise<void> {
  for (let left = sessions; left > 0; left -= CHUNK) {
    await stock.fill(Array.from({ length: Math.min(left, CHUNK) }, () => newVisitor(newSubject())));
  }
}

async function sweepAll(stock: Stock): Promise<void> {
  stock.clock.shiftMs += IDLE_TIMEOUT_MS + 60_000;
  for (;;) {
    const swept = await stock.store.sweep({ target: 'sessions', limit: BATCH });
    if (!swept.ok) throw new Error(`a sweep was refused: ${swept.reason}`);
    if (!swept.value.more) break;
  }
}

async function measured(stock: Stock, sessions: number): Promise<Amount> {
  await stock.tidy();
  return { sessions, bytes: await stock.bytes() };
}

/** How many bytes sessions take, and what is left of them. */
export async function measureFootprint(
  server: RunningBackend,
  few: number,
  many: number,
  progress: (what: string) => void,
): Promise<Footprint> {
  const stock = await openStockOf(server);
  try {
    const most = stock.most ?? many;
    const [fewer, more] = [Math.min(few, most), Math.min(many, most)];
    progress(`filling in ${fewer}, then ${more} sessions`);
    await fill(stock, fewer);
    const small = await measured(stock, fewer);
    await fill(stock, more - fewer);
    const large = await measured(stock, more);
    progress('sweeping all of them');
    await sweepAll(stock);
    const empty = await measured(stock, 0);
    progress(`filling in ${more} sessions again`);
    await fill(stock, more);
    const again = await measured(stock, more);
    await sweepAll(stock);
    return {
      few: small,
      many: large,
      emptyBytes: empty.bytes,
      againBytes: again.bytes,
      peers: await measurePeers(server, fewer, progress),
    };
  } finally {
    await stock.close();
  }
}

async function measurePeers(
  { peerBytes = {} }: RunningBackend,
  sessions: number,
  progress: (what: string) => void,
): Promise<Footprint['peers']> {
  const peers: { name: string; bytes: number }[] = [];
  for (const [name, bytesOf] of Object.entries(peerBytes)) {
    progress(`filling in ${sessions} sessions of ${name}`);
    peers.push({ name, bytes: await bytesOf(sessions) });
  }
  return peers;
}
