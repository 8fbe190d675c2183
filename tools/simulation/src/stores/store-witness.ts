import type { BudgetScope, BudgetUsage, Lease, StoreBackend } from '@mooring/session-store';
import type { Simulation } from '../kernel/simulation.ts';
import { replaced } from '@mooring/session-store-testkit';

interface Spent {
  readonly reservations: Map<string, { amount: number; isOver: boolean }>;
  settled: number;
}

/** Compares what a store answers, at its own time, with what its contract allows. */
export class StoreWitness {
  private readonly leases = new Map<string, Lease>();
  private readonly fences = new Map<string, number>();
  private readonly taken = new Map<string, number[]>();
  private readonly written = new Map<string, number>();
  private readonly spent = new Map<string, Spent>();

  constructor(private readonly simulation: Simulation) {}

  watch(store: StoreBackend): StoreBackend {
    const { sessions, limits, leases, budgets } = store;
    const { serverClock } = this.simulation;
    return replaced<StoreBackend>(store, {
      sessions: replaced(sessions, {
        update: async (ref, version, patch) => {
          const answer = await sessions.update(ref, version, patch);
          if (answer.ok) this.updated(ref.id, version, answer.value.version);
          return answer;
        },
      }),
      limits: replaced(limits, {
        consume: async (key, rule, options) => {
          const decision = await limits.consume(key, rule, options);
          if (decision.allowed) this.took(`${key.tenantId} ${key.name}`, rule, serverClock.now());
          return decision;
        },
      }),
      leases: replaced(leases, {
        acquire: async (name, holder, ttlMs) => {
          const answer = await leases.acquire(name, holder, ttlMs);
          if (answer.ok) this.leased(answer.value);
          return answer;
        },
        renew: async (lease, ttlMs) => {
          const answer = await leases.renew(lease, ttlMs);
          if (answer.ok) this.leased(answer.value);
          return answer;
        },
        release: async (lease) => {
          const answer = await leases.release(lease);
          if (answer.ok) this.leases.set(lease.name, { ...lease, expiresAt: 0 });
          return answer;
        },
      }),
      budgets: replaced(budgets, {
        reserve: async (request) => {
          const answer = await budgets.reserve(request);
          const [scope] = request.scopes;
          if (answer.ok && scope !== undefined) this.reserved(scope, request.reservationId, request.amount);
          return answer;
        },
        settle: async (ref, actual) => {
          const answer = await budgets.settle(ref, actual);
          if (answer.ok) this.settled(answer.value[0], ref.reservationId, actual);
          return answer;
        },
        release: async (ref) => {
          const answer = await budgets.release(ref);
          if (answer.ok) this.settled(answer.value[0], ref.reservationId, 0);
          return answer;
        },
      }),
      sweep: async (request) => {
        const answer = await store.sweep(request);
        const { fence } = request;
        if (fence !== undefined && answer.ok) this.fenced(fence.lease, fence.fencingToken);
        return answer;
      },
    });
  }

  private updated(id: string, expected: number, version: number): void {
    const key = `${id} ${expected}`;
    const before = this.written.get(key);
    if (before !== undefined) this.violate('one winner', `version ${expected} was changed twice`);
    if (version !== expected + 1) this.violate('one winner', `version ${version} came after ${expected}`);
    this.written.set(key, version);
  }

  private took(name: string, { limit, windowMs }: { limit: number; windowMs: number }, now: number): void {
    const times = this.taken.get(name) ?? [];
    times.push(now);
    this.taken.set(name, times);
    const first = times[times.length - 1 - limit];
    if (first !== undefined && now - first < windowMs) {
      this.violate('never too much', `${limit + 1} units of ${name} within ${now - first} ms`);
    }
  }

  private leased(lease: Lease): void {
    const before = this.leases.get(lease.name);
    this.leases.set(lease.name, lease);
    if (before === undefined || before.holder === lease.holder) return;
    if (before.expiresAt > this.simulation.serverClock.now()) {
      this.violate('one holder', `the lease ${lease.name} has two`);
    }
    if (before.fencingToken >= lease.fencingToken) {
      this.violate('tokens grow', `${lease.fencingToken} came after ${before.fencingToken}`);
    }
  }

  private fenced(lease: string, token: number): void {
    const highest = Math.max(this.fences.get(lease) ?? 0, this.leases.get(lease)?.fencingToken ?? 0);
    if (token < highest) this.violate('a stale holder writes nothing', `${token} wrote, and ${highest} was there`);
    this.fences.set(lease, Math.max(highest, token));
  }

  private reserved({ name, limit }: BudgetScope, id: string, amount: number): void {
    const spent = this.spentIn(name);
    if (spent.reservations.has(id)) return;
    spent.reservations.set(id, { amount, isOver: false });
    const held = [...spent.reservations.values()].reduce((sum, one) => sum + (one.isOver ? 0 : one.amount), 0);
    if (spent.settled + held > limit) this.violate('budgets hold', `${spent.settled} + ${held} of ${limit}`);
  }

  private settled(usage: BudgetUsage | undefined, id: string, actual: number): void {
    const { name = '', settled: total = 0 } = usage ?? {};
    const spent = this.spentIn(name);
    const reservation = spent.reservations.get(id);
    if (reservation === undefined || reservation.isOver) {
      if (total > spent.settled) this.violate('settles once', `${total} settled, ${spent.settled} was spent`);
      return;
    }
    reservation.isOver = true;
    spent.settled += actual;
    if (total !== spent.settled) this.violate('settles once', `${total} settled, ${spent.settled} was spent`);
  }

  private spentIn(scope: string): Spent {
    const spent = this.spent.get(scope) ?? { reservations: new Map(), settled: 0 };
    this.spent.set(scope, spent);
    return spent;
  }

  private violate(invariant: string, message: string): void {
    this.simulation.violate(invariant, message);
  }
}
