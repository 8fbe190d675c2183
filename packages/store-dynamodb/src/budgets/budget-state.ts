import type { BudgetRequest, BudgetUsage, EpochMs, JsonValue } from '@mooring/session-store';
import { jsonForm } from '../documents/document-form.ts';
import type { DocumentKind } from '../documents/documents.ts';
import { corrupt } from '../errors.ts';

/** How long what is over is still known. */
const KEPT_MS = 3_600_000;

interface Scope {
  readonly settled: number;
  readonly endsAt: EpochMs;
}

export interface Reserved {
  readonly id: string;
  readonly amount: number;
  readonly expiresAt: EpochMs;
  /** As long as its scopes are, for a late settlement. */
  readonly keptUntil: EpochMs;
  readonly state: 'open' | 'settled' | 'released';
  readonly scopes: readonly string[];
  /** What the call that made or finished it was answered, in the order of the scopes. */
  readonly usage: readonly (readonly [settled: number, reserved: number])[];
}

/** All budgets of a tenant. */
export interface BudgetState {
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly reservations: ReadonlyMap<string, Reserved>;
  /** How often reservations were moved to items of their own, and until when one of those may be asked for. */
  readonly moves: number;
  readonly movedUntil: EpochMs;
}

const NOTHING: BudgetState = { scopes: new Map(), reservations: new Map(), moves: 0, movedUntil: 0 };

export const BUDGETS: DocumentKind<BudgetState> = {
  empty: NOTHING,
  isMostlyNew: false,
  weight: ({ scopes, reservations }) => scopes.size + reservations.size + 5,
  remembered: 50_000,
  ...jsonForm<BudgetState>({
    read(operation, stored) {
      const { scopes, reservations, moves, movedUntil } = (stored ?? {}) as Readonly<Record<string, unknown>>;
      if (!Array.isArray(scopes) || !Array.isArray(reservations) || !isNumber(moves) || !isNumber(movedUntil)) {
        throw corrupt(operation, 'the budgets of a tenant lack a part');
      }
      return {
        scopes: new Map(
          (scopes as readonly (readonly [string, number, EpochMs])[]).map(([name, settled, endsAt]) => [
            name,
            { settled, endsAt },
          ]),
        ),
        reservations: new Map(reservations.map((row) => reservedOf(operation, row)).map((one) => [one.id, one])),
        moves,
        movedUntil,
      };
    },
    write: ({ scopes, reservations, moves, movedUntil }) => ({
      scopes: [...scopes].map(([name, { settled, endsAt }]) => [name, settled, endsAt]),
      reservations: [...reservations.values()].map(rowOf),
      moves,
      movedUntil,
    }),
  }),
  deadline: ({ scopes, reservations, movedUntil }) =>
    Math.max(
      movedUntil,
      ...[...scopes.values()].map(({ endsAt }) => endsAt),
      ...[...reservations.values()].map(({ keptUntil }) => keptUntil),
    ),
};

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

export function rowOf({ id, amount, expiresAt, keptUntil, state, scopes, usage }: Reserved): JsonValue {
  return [id, amount, expiresAt, keptUntil, state, scopes, usage];
}

export function reservedOf(operation: string, row: unknown): Reserved {
  if (!Array.isArray(row) || row.length !== 7) throw corrupt(operation, 'a reservation lacks a part');
  const [id, amount, expiresAt, keptUntil, state, scopes, usage] = row as unknown as [
    string,
    number,
    EpochMs,
    EpochMs,
    Reserved['state'],
    Reserved['scopes'],
    Reserved['usage'],
  ];
  return { id, amount, expiresAt, keptUntil, state, scopes, usage };
}

export function usageOf(state: BudgetState, names: readonly string[], now: EpochMs): readonly BudgetUsage[] {
  return names.map((name) => ({
    name,
    settled: state.scopes.get(name)?.settled ?? 0,
    reserved: reservedIn(state, name, now),
  }));
}

/** What a reservation was answered when it was made, or finished. */
export function answerOf({ scopes, usage }: Reserved): readonly BudgetUsage[] {
  return scopes.map((name, place) => ({ name, settled: usage[place]?.[0] ?? 0, reserved: usage[place]?.[1] ?? 0 }));
}

/** The state with the reservation, or undefined when it would pass a limit. */
export function reserve(
  before: BudgetState,
  { reservationId: id, amount, ttlMs, scopes }: BudgetRequest,
  now: EpochMs,
): BudgetState | undefined {
  const state = withoutOld(before, now);
  const exceeds = scopes.some(({ name, limit }) => {
    const settled = state.scopes.get(name)?.settled ?? 0;
    return settled + reservedIn(state, name, now) + amount > limit;
  });
  if (exceeds) return undefined;
  const kept = new Map(state.scopes);
  for (const { name, endsAt } of scopes) {
    const { settled = 0, endsAt: last = 0 } = kept.get(name) ?? {};
    kept.set(name, { settled, endsAt: Math.max(last, endsAt) });
  }
  const expiresAt = now + ttlMs;
  return withUsage(
    { ...state, scopes: kept },
    {
      id,
      amount,
      expiresAt,
      keptUntil: Math.max(expiresAt, ...scopes.map(({ endsAt }) => endsAt)),
      state: 'open',
      scopes: scopes.map(({ name }) => name),
      usage: [],
    },
    now,
  );
}

/** The state in which an open reservation is settled for what it cost, or released. */
export function finish(
  before: BudgetState,
  reserved: Reserved,
  state: 'settled' | 'released',
  actual: number,
  now: EpochMs,
): BudgetState {
  const scopes = new Map(before.scopes);
  for (const name of reserved.scopes) {
    const { settled = 0, endsAt = reserved.keptUntil } = scopes.get(name) ?? {};
    scopes.set(name, { settled: settled + actual, endsAt });
  }
  return withUsage({ ...withoutOld(before, now), scopes }, { ...reserved, state }, now);
}

/** Reservations that need no more than to be remembered. */
export function idle({ reservations }: BudgetState, now: EpochMs): readonly Reserved[] {
  return [...reservations.values()].filter(({ state, expiresAt }) => state !== 'open' || expiresAt <= now);
}

/** The state after reservations were moved to items of their own, except those that changed meanwhile. */
export function moved(before: BudgetState, gone: readonly Reserved[]): BudgetState {
  const reservations = new Map(before.reservations);
  let { movedUntil } = before;
  for (const one of gone) {
    if (reservations.get(one.id)?.state !== one.state) continue;
    reservations.delete(one.id);
    movedUntil = Math.max(movedUntil, one.keptUntil);
  }
  return { ...before, reservations, movedUntil, moves: before.moves + 1 };
}

/** Whether a reservation that is not here may be in an item of its own. */
export function mayBeMoved({ movedUntil }: BudgetState, now: EpochMs): boolean {
  return movedUntil + KEPT_MS > now;
}

function withUsage(state: BudgetState, reserved: Reserved, now: EpochMs): BudgetState {
  const reservations = new Map(state.reservations).set(reserved.id, reserved);
  const usage = usageOf({ ...state, reservations }, reserved.scopes, now);
  reservations.set(reserved.id, {
    ...reserved,
    usage: usage.map(({ settled, reserved: held }) => [settled, held] as const),
  });
  return { ...state, reservations };
}

function withoutOld(state: BudgetState, now: EpochMs): BudgetState {
  const isOld = (until: EpochMs): boolean => until + KEPT_MS <= now;
  const reservations = new Map([...state.reservations].filter(([, { keptUntil }]) => !isOld(keptUntil)));
  const held = new Set([...reservations.values()].flatMap(({ state: is, scopes }) => (is === 'open' ? scopes : [])));
  const scopes = new Map([...state.scopes].filter(([name, { endsAt }]) => !isOld(endsAt) || held.has(name)));
  return { ...state, scopes, reservations };
}

function reservedIn({ reservations }: BudgetState, name: string, now: EpochMs): number {
  let sum = 0;
  for (const { state, expiresAt, scopes, amount } of reservations.values()) {
    if (state === 'open' && expiresAt > now && scopes.includes(name)) sum += amount;
  }
  return sum;
}
