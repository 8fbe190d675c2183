import { DEFAULTS, Warehouse, poolKeyOf } from '@mooring/redshift-sessions';
import type { WarehouseTarget } from '@mooring/redshift-sessions';
import type { PoolKey } from '@mooring/session-store';
import { closedError } from '../errors.ts';
import type { RedshiftEngineOptions } from '../options.ts';
import { quoted } from './quoting.ts';

const KEPT = 100;
/** For sessions that are still being closed or given back when nothing uses them any more. */
const GIVE_BACK_MS = 5000;

interface Room {
  readonly warehouse: Warehouse;
  users: number;
}

/**
 * Sessions by namespace. Each begins with the search path of its namespace, which is a part of what sessions are pooled
 * by: no statement has to set it, and none can meet the path of another namespace.
 */
export class NamespaceWarehouses {
  readonly #options: RedshiftEngineOptions;
  readonly #rooms = new Map<string, Room>();
  #closing: Promise<void> | undefined;
  /** For statements of the engine's own, on connections that end with them. */
  readonly own: Warehouse;

  constructor(options: RedshiftEngineOptions) {
    this.#options = options;
    this.own = warehouseOf(options, []);
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Given back by `release`. */
  acquire(namespace: string): Warehouse {
    if (this.#closing !== undefined) throw closedError();
    let room = this.#rooms.get(namespace);
    if (room === undefined) {
      this.#closeUnused();
      room = { warehouse: warehouseOf(this.#options, pathOf(namespace)), users: 0 };
      this.#rooms.set(namespace, room);
    }
    room.users += 1;
    return room.warehouse;
  }

  release(namespace: string): void {
    const room = this.#rooms.get(namespace);
    if (room !== undefined) room.users -= 1;
  }

  /** Of the sessions of a namespace, in whichever process. */
  poolKeyOf(namespace: string, tenantId: string, target: WarehouseTarget): PoolKey {
    const { sessions } = this.#options;
    return poolKeyOf(tenantId, target, sessions?.region ?? DEFAULTS.region, initOf(this.#options, pathOf(namespace)));
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(
      [this.own, ...[...this.#rooms.values()].map(({ warehouse }) => warehouse)].map((one) =>
        one.close({ waitMs: GIVE_BACK_MS }),
      ),
    ).then(() => undefined);
    return this.#closing;
  }

  #closeUnused(): void {
    if (this.#rooms.size < KEPT) return;
    for (const [namespace, { users, warehouse }] of this.#rooms) {
      if (users > 0 || warehouse.heldSessions > 0) continue;
      this.#rooms.delete(namespace);
      void warehouse.close();
    }
  }
}

/** The catalog comes last, where it would come first by itself: a name is a table of the namespace, if there is one. */
function pathOf(namespace: string): readonly string[] {
  return [`SET search_path TO ${quoted(namespace)}, pg_catalog`];
}

function initOf({ sessions }: RedshiftEngineOptions, own: readonly string[]): readonly string[] {
  return [...(sessions?.initStatements ?? []), ...own];
}

function warehouseOf(options: RedshiftEngineOptions, own: readonly string[]): Warehouse {
  const { api, pool, clock, observer, sessions } = options;
  return new Warehouse({
    api,
    pool,
    ...(clock === undefined ? {} : { clock }),
    ...(observer === undefined ? {} : { observer }),
    options: { ...sessions, initStatements: initOf(options, own) },
  });
}
