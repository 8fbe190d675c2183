import type { Clock, SessionPoolStore } from '@mooring/session-store';
import type { WarehouseObserver } from '../observer.ts';
import type { WarehouseOptions } from '../options.ts';
import type { Random } from '../random.ts';
import type { SessionCare } from './session-care.ts';

export interface PoolParts {
  readonly store: SessionPoolStore;
  readonly clock: Clock;
  readonly options: WarehouseOptions;
  readonly observer: WarehouseObserver;
  readonly random: Random;
  /** What the pool asks of the warehouse itself: to look after a session and to close one. */
  readonly care: SessionCare;
}
