import type { Table } from './tables.ts';
import { fast } from './tables/fast.ts';
import { peers } from './tables/peers.ts';
import { readme } from './tables/readme.ts';
import { stores } from './tables/stores.ts';

/** Tables of documents that are more than the figures of one part: one file each. */
export const TABLES: Readonly<Record<string, Table>> = { fast, peers, readme, stores };
