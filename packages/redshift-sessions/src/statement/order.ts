import type { Clock, PoolKey } from '@mooring/session-store';
import type { DataApi, SqlParameter } from '../data-api/data-api.ts';
import type { WarehouseObserver } from '../observer.ts';
import type { Overflow, WarehouseOptions } from '../options.ts';
import type { Random } from '../random.ts';
import type { SessionCare } from '../pool/session-care.ts';
import type { SessionPool } from '../pool/session-pool.ts';
import type { StatementEffect } from '../sql/statement-effect.ts';
import type { Work } from './submission.ts';
import type { ConnectionMembers } from '../target.ts';

export interface RunParts {
  readonly api: DataApi;
  readonly clock: Clock;
  readonly options: WarehouseOptions;
  readonly observer: WarehouseObserver;
  readonly random: Random;
  readonly pool: SessionPool;
  readonly care: SessionCare;
}

/** What is to run, read and checked. */
export interface Order {
  readonly key: PoolKey;
  readonly connection: ConnectionMembers;
  readonly work: Work;
  readonly batch: boolean;
  readonly parameters: readonly SqlParameter[];
  readonly effect: StatementEffect;
  readonly statementName?: string;
  readonly timeoutMs: number;
  readonly overflow: Overflow;
  readonly waitTimeoutMs: number;
  readonly signal?: AbortSignal;
}
