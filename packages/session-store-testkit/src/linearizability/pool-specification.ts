import type { Specification } from './call.ts';

/** Of a lease on a slot: whose, where, under which token. */
export interface SlotLease {
  readonly leaseId: string;
  readonly slotId: string;
  readonly token: number;
}

export type PoolAsked =
  | { readonly do: 'acquire'; readonly leaseId: string; readonly identity: string }
  | { readonly do: 'register'; readonly lease: SlotLease; readonly sessionId: string }
  | { readonly do: 'renew'; readonly lease: SlotLease }
  | { readonly do: 'release'; readonly lease: SlotLease }
  /** Its session is closed. */
  | { readonly do: 'discard'; readonly lease: SlotLease };

export type PoolAnswer =
  | { readonly slotId: string; readonly sessionId: string | null; readonly token: number; readonly recovered: boolean }
  | { readonly done: true }
  | { readonly refused: string };

export interface SlotState {
  /** Null when nobody was told. */
  readonly slotId: string | null;
  readonly identity: string;
  readonly sessionId: string | null;
  /** Null when it is idle. */
  readonly leaseId: string | null;
  /** The last one; null when nobody was told. */
  readonly token: number | null;
}

/** The slots that count, in the order in which they came to be. */
export type PoolState = readonly SlotState[];

export interface PoolCaps {
  readonly maxPerKey: number;
  readonly maxPerTarget: number;
}

function isRefused(answer: PoolAnswer | undefined, reason: string): boolean {
  return answer !== undefined && 'refused' in answer && answer.refused === reason;
}

function without(state: PoolState, slot: SlotState, next?: SlotState): PoolState {
  return state.flatMap((other) => (other === slot ? (next ?? []) : other));
}

function acquired(
  state: PoolState,
  { leaseId, identity }: Extract<PoolAsked, { readonly do: 'acquire' }>,
  answer: PoolAnswer | undefined,
  { maxPerKey, maxPerTarget }: PoolCaps,
): readonly PoolState[] {
  const got = answer !== undefined && 'slotId' in answer ? answer : undefined;
  const mine = state.find((slot) => slot.leaseId === leaseId);
  if (mine !== undefined) {
    if (got === undefined || got.sessionId !== mine.sessionId || got.recovered) return [];
    const isSame = (mine.slotId ?? got.slotId) === got.slotId && (mine.token ?? got.token) === got.token;
    const isTaken = mine.slotId === null && state.some(({ slotId }) => slotId === got.slotId);
    return isSame && !isTaken ? [without(state, mine, { ...mine, slotId: got.slotId, token: got.token })] : [];
  }
  const ofKey = state.filter((slot) => slot.identity === identity);
  const idle = ofKey.filter((slot) => slot.leaseId === null);
  if (idle.length > 0) {
    if (answer === undefined) return idle.map((slot) => without(state, slot, { ...slot, leaseId, token: null }));
    const slot = idle.find(({ slotId }) => slotId === got?.slotId);
    if (slot === undefined || got?.sessionId !== slot.sessionId || got.recovered) return [];
    return got.token > (slot.token ?? 0) ? [without(state, slot, { ...slot, leaseId, token: got.token })] : [];
  }
  if (ofKey.length >= maxPerKey) return isRefused(answer, 'key_full') ? [state] : [];
  if (state.length >= maxPerTarget) return isRefused(answer, 'target_full') ? [state] : [];
  const opening = { slotId: got?.slotId ?? null, identity, sessionId: null, leaseId, token: got?.token ?? null };
  if (answer === undefined) return [[...state, opening]];
  if (got === undefined || got.sessionId !== null || got.recovered) return [];
  return state.some(({ slotId }) => slotId === got.slotId) ? [] : [[...state, opening]];
}

/** The slots of one target: one holder each, within the caps. Leases and sessions outlive the history. */
export function poolSpecification(caps: PoolCaps): Specification<PoolState, PoolAsked, PoolAnswer> {
  return {
    initial: [],
    after(state, asked, answer) {
      if (asked.do === 'acquire') return acquired(state, asked, answer, caps);
      const { leaseId, slotId, token } = asked.lease;
      const slot = state.find((one) => one.slotId === slotId && one.leaseId === leaseId && one.token === token);
      if (slot === undefined) return isRefused(answer, 'lost') ? [state] : [];
      if (answer !== undefined && 'refused' in answer) return [];
      switch (asked.do) {
        case 'renew':
          return answer === undefined ? [] : [state];
        case 'discard':
          return [without(state, slot)];
        case 'release':
          return [without(state, slot, { ...slot, leaseId: null })];
        default:
          return [without(state, slot, { ...slot, sessionId: asked.sessionId })];
      }
    },
  };
}
