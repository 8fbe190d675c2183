import type { EpochMs, PoolKey, PoolRefusal, PoolRequest } from '@mooring/session-store';
import { jsonForm } from '../documents/document-form.ts';
import type { DocumentKind } from '../documents/documents.ts';
import { corrupt } from '../errors.ts';
import { UNLEASED, countsUntil, isOfKey, isUsable, rowOf, slotIdOf, slotOf, stateOf } from './pool-slot.ts';
import type { Slot } from './pool-slot.ts';

/** Who was refused a session, and until when that is remembered. */
interface Want {
  readonly holder: string;
  /** Null when a session of any key of the target would help. */
  readonly key: Pick<PoolKey, 'tenantId' | 'identity'> | null;
  readonly until: EpochMs;
}

/** All slots of a target, in the order in which they were reserved. */
export interface PoolState {
  readonly slots: readonly Slot[];
  readonly wants: readonly Want[];
  /** How often a slot was used. */
  readonly used: number;
  /** The last fencing token. */
  readonly token: number;
}

export interface Taker {
  readonly holder: string;
  readonly leaseId: string;
  readonly leaseTtlMs: number;
}

/** A lease as its holder knows it. */
export interface Held {
  readonly slotId: string;
  readonly leaseId: string;
  readonly fencingToken: number;
}

export const POOL: DocumentKind<PoolState> = {
  empty: { slots: [], wants: [], used: 0, token: 0 },
  isMostlyNew: false,
  weight: ({ slots }) => slots.length + 5,
  remembered: 20_000,
  ...jsonForm<PoolState>({
    read(operation, stored) {
      const { slots, wants, used, token } = (stored ?? {}) as Readonly<Record<string, unknown>>;
      if (!Array.isArray(slots) || !Array.isArray(wants) || typeof used !== 'number' || typeof token !== 'number') {
        throw corrupt(operation, 'the pool of a target lacks a part');
      }
      return {
        slots: slots.map((row) => slotOf(operation, row)),
        wants: (wants as readonly (readonly [string, EpochMs, string?, string?])[]).map(
          ([holder, until, tenantId, identity]) => ({
            holder,
            until,
            key: tenantId === undefined || identity === undefined ? null : { tenantId, identity },
          }),
        ),
        used,
        token,
      };
    },
    write: ({ slots, wants, used, token }) => ({
      slots: slots.map(rowOf),
      wants: wants.map(({ holder, until, key }) => [
        holder,
        until,
        ...(key === null ? [] : [key.tenantId, key.identity]),
      ]),
      used,
      token,
    }),
  }),
  deadline: ({ slots, wants }) => Math.max(0, ...slots.map(countsUntil), ...wants.map(({ until }) => until)),
};

export function counting({ slots }: PoolState, now: EpochMs): readonly Slot[] {
  return slots.filter((slot) => countsUntil(slot) > now);
}

export function leasedBy(slots: readonly Slot[], { leaseId, holder }: Taker, now: EpochMs): Slot | undefined {
  return slots.find((slot) => slot.leaseId === leaseId && slot.holder === holder && (slot.leaseExpiresAt ?? 0) > now);
}

/** The session of the key to give out next: idle ones first, the one used last. */
export function nextOf(ofKey: readonly Slot[], now: EpochMs): Slot | undefined {
  const usable = ofKey.filter((slot) => isUsable(slot, now));
  return (
    usedLast(usable.filter((slot) => stateOf(slot, now) === 'idle')) ??
    usedLast(usable.filter((slot) => stateOf(slot, now) === 'abandoned'))
  );
}

/** The session of the target to close: an idle one first, the one not used for longest. */
export function closableOf(slots: readonly Slot[], now: EpochMs): Slot | undefined {
  const closable = slots.filter((slot) => slot.sessionId !== null && slot.aliveUntil > now);
  return (
    usedFirst(closable.filter((slot) => stateOf(slot, now) === 'idle')) ??
    usedFirst(closable.filter((slot) => slot.dirty && stateOf(slot, now) === 'abandoned'))
  );
}

export function fullness(ofKey: number, ofTarget: number, request: PoolRequest): PoolRefusal | undefined {
  if (ofKey >= request.maxPerKey) return 'key_full';
  return ofTarget >= request.maxPerTarget ? 'target_full' : undefined;
}

export function heldSlot({ slots }: PoolState, held: Held, now: EpochMs): Slot | undefined {
  const slot = slots.find((one) => slotIdOf(one) === held.slotId);
  const isSame = slot?.leaseId === held.leaseId && slot.fencingToken === held.fencingToken;
  return isSame && (slot.leaseExpiresAt ?? 0) > now ? slot : undefined;
}

/** The state with a slot changed and used, without what no longer counts. */
export function withSlot(state: PoolState, slot: Slot, now: EpochMs): readonly [PoolState, Slot] {
  const used = state.used + 1;
  const changed: Slot = { ...slot, used };
  const others = counting(state, now).map((one) => (one.sequence === slot.sequence ? changed : one));
  const slots = others.includes(changed) ? others : [...others, changed];
  return [{ ...state, slots, used, wants: state.wants.filter(({ until }) => until > now) }, changed];
}

export function withoutSlot(state: PoolState, { sequence }: Slot, now: EpochMs): PoolState {
  return { ...state, slots: counting(state, now).filter((one) => one.sequence !== sequence) };
}

export function leased(state: PoolState, slot: Slot, taker: Taker, now: EpochMs): readonly [PoolState, Slot] {
  const token = nextToken(state, now);
  return withSlot(
    { ...state, token },
    {
      ...slot,
      leaseId: taker.leaseId,
      holder: taker.holder,
      leaseExpiresAt: now + taker.leaseTtlMs,
      recovered: stateOf(slot, now) === 'abandoned',
      fencingToken: token,
    },
    now,
  );
}

/** A session that is open, leased by who may use it and die before it says so. */
export function taken(state: PoolState, slot: Slot, request: PoolRequest, now: EpochMs): readonly [PoolState, Slot] {
  const aliveUntil = Math.max(slot.aliveUntil, now + request.leaseTtlMs + request.aliveForMs);
  return leased(state, { ...slot, aliveUntil }, request, now);
}

/** A new slot, leased by who is to open a session in it. */
export function reserved(state: PoolState, request: PoolRequest, now: EpochMs): readonly [PoolState, Slot] {
  const slot: Slot = {
    sequence: nextToken(state, now),
    tenantId: request.key.tenantId,
    identity: request.key.identity,
    sessionId: null,
    ...UNLEASED,
    fencingToken: 0,
    dirty: false,
    draining: false,
    openedAt: null,
    usableUntil: null,
    retireAt: null,
    aliveUntil: now + request.leaseTtlMs + request.aliveForMs,
    used: 0,
  };
  return leased(state, slot, request, now);
}

export function wanting(state: PoolState, request: PoolRequest, refusal: PoolRefusal, now: EpochMs): PoolState {
  const { holder, leaseTtlMs } = request;
  const key = refusal === 'key_full' ? { tenantId: request.key.tenantId, identity: request.key.identity } : null;
  const others = state.wants.filter(
    (want) =>
      want.until > now &&
      !(want.holder === holder && want.key?.tenantId === key?.tenantId && want.key?.identity === key?.identity),
  );
  return { ...state, wants: [...others, { holder, key, until: now + leaseTtlMs }] };
}

/** Whether another holder was refused for want of a session like this one. */
export function isWanted({ wants }: PoolState, slot: Slot, now: EpochMs): boolean {
  return wants.some(
    ({ holder, key, until }) => until > now && holder !== slot.holder && (key === null || isOfKey(slot, key)),
  );
}

/** The time in microseconds, or one more than the last: a token grows also past a pool that was collected. */
function nextToken({ token }: PoolState, now: EpochMs): number {
  return Math.max(token + 1, now * 1000);
}

function usedLast(slots: readonly Slot[]): Slot | undefined {
  return slots.reduce<Slot | undefined>(
    (last, slot) => (last === undefined || slot.used > last.used ? slot : last),
    undefined,
  );
}

function usedFirst(slots: readonly Slot[]): Slot | undefined {
  return slots.reduce<Slot | undefined>(
    (first, slot) => (first === undefined || slot.used < first.used ? slot : first),
    undefined,
  );
}
