import { systemClock } from '@mooring/session-store';
import type { Clock, PoolSlot, SessionPoolStore } from '@mooring/session-store';
import type { DataApi } from '../data-api/data-api.ts';
import type { WarehouseObserver } from '../observer.ts';
import { targetName } from '../target.ts';
import type { WarehousePlace } from '../target.ts';
import { listSlots } from './pool-slots.ts';
import { SessionCare } from './session-care.ts';

export interface TargetPoolParts {
  readonly api: DataApi;
  readonly pool: SessionPoolStore;
  readonly place: WarehousePlace;
  /** As the services that share the pool have it. */
  readonly region: string;
  readonly clock?: Clock;
  readonly observer?: Pick<WarehouseObserver, 'warning'>;
}

/** The pool of one target, and its sessions, for who looks after them and runs no statements in them. */
export class TargetPool {
  readonly clock: Clock;
  readonly care: SessionCare;
  readonly target: string;
  private readonly pool: SessionPoolStore;

  constructor({ api, pool, place, region, clock = systemClock, observer = {} }: TargetPoolParts) {
    this.clock = clock;
    this.care = new SessionCare(api, clock, observer, Math.random);
    this.target = targetName(place, region);
    this.pool = pool;
  }

  /** Slots that count, of all tenants or of one. Throws a `StoreError`. */
  slots(tenantId?: string): AsyncGenerator<PoolSlot, void, undefined> {
    return listSlots(this.pool, { target: this.target, ...(tenantId === undefined ? {} : { tenantId }) });
  }
}
