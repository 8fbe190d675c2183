import { StoreError, ok, refused } from '@mooring/session-store';
import type {
  BudgetRequest,
  BudgetStore,
  BudgetUsage,
  EpochMs,
  Reservation,
  ReservationRef,
  Result,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { collectAtOf, packed, unpacked } from '../documents/document-form.ts';
import { Documents } from '../documents/documents.ts';
import type { Decision } from '../documents/documents.ts';
import { contended } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import {
  BUDGETS,
  answerOf,
  finish,
  idle,
  mayBeMoved,
  moved,
  reserve,
  reservedOf,
  rowOf,
  usageOf,
} from './budget-state.ts';
import type { BudgetState, Reserved } from './budget-state.ts';

/** Above this the reservations that are over move to items of their own, so many at once. */
const MOST_HERE = 60;
const MOVED_AT_ONCE = 25;
const MOST_LOOKS = 8;

/** A search for a reservation among those that were moved; it counts as long as no others were moved since. */
interface Looked {
  readonly moves: number;
  readonly found: Reserved | undefined;
}

/** Thrown out of a decision that can't be made here. */
class LookFirst {
  constructor(readonly moves: number) {}
}

interface Changed<Answer> {
  readonly answer: Answer;
  /** What may leave the document. */
  readonly surplus: readonly Reserved[];
}

/** All budgets of a tenant are one document, so that a reservation is in all its scopes with one write, or in none. */
export class DynamoBudgets implements BudgetStore {
  private readonly budgets: Documents<BudgetState>;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {
    this.budgets = new Documents(table, BUDGETS);
  }

  async reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>> {
    const operation = 'budgets.reserve';
    this.validation.budgetRequest(operation, request);
    const { reservationId } = request;
    const made = (one: Reserved): Result<Reservation, 'exceeded'> =>
      ok({ reservationId, expiresAt: one.expiresAt, usage: answerOf(one) });
    return this.change(operation, request, (state, now, known) => {
      if (known !== undefined) return { answer: made(known) };
      const next = reserve(state, request, now);
      const one = next?.reservations.get(reservationId);
      return next === undefined || one === undefined ? { answer: refused('exceeded') } : { answer: made(one), next };
    });
  }

  async settle(ref: ReservationRef, actual: number): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const operation = 'budgets.settle';
    this.validation.amount(operation, 'actual', actual);
    return this.finish(operation, ref, 'settled', actual);
  }

  async release(ref: ReservationRef): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    return this.finish('budgets.release', ref, 'released', 0);
  }

  async usage(tenantId: string, scopes: readonly string[]): Promise<readonly BudgetUsage[]> {
    const operation = 'budgets.usage';
    this.validation.text(operation, 'tenantId', tenantId);
    this.validation.budgetScopes(operation, scopes);
    const state = await this.budgets.read(operation, this.keys.budgets(tenantId));
    return usageOf(state, scopes, this.table.now());
  }

  private finish(
    operation: string,
    ref: ReservationRef,
    state: 'settled' | 'released',
    actual: number,
  ): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    this.validation.reservation(operation, ref);
    return this.change<Result<readonly BudgetUsage[], 'not_found'>>(operation, ref, (before, now, known) => {
      if (known === undefined) return { answer: refused('not_found') };
      if (known.state !== 'open') return { answer: ok(answerOf(known)) };
      const next = finish(before, known, state, actual, now);
      return { answer: ok(answerOf(next.reservations.get(ref.reservationId) ?? known)), next };
    });
  }

  /** A change that depends on one reservation, wherever it is. */
  private async change<Answer>(
    operation: string,
    { tenantId, reservationId }: ReservationRef,
    decide: (state: BudgetState, now: EpochMs, known: Reserved | undefined) => Decision<BudgetState, Answer>,
  ): Promise<Answer> {
    const key = this.keys.budgets(tenantId);
    let looked: Looked | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const known = looked;
      const outcome = await this.budgets.change<LookFirst | Changed<Answer>>(operation, key, (state, now) => {
        const here = state.reservations.get(reservationId);
        if (here === undefined && mayBeMoved(state, now) && known?.moves !== state.moves) {
          return { answer: new LookFirst(state.moves) };
        }
        const { answer, next } = decide(state, now, here ?? known?.found);
        const surplus = (next?.reservations.size ?? 0) > MOST_HERE && next !== undefined ? idle(next, now) : [];
        return { answer: { answer, surplus }, ...(next === undefined ? {} : { next }) };
      });
      if (!(outcome instanceof LookFirst)) {
        if (outcome.surplus.length > 0) await this.move(operation, tenantId, outcome.surplus);
        return outcome.answer;
      }
      looked = { moves: outcome.moves, found: await this.findMoved(operation, tenantId, reservationId) };
    }
    throw contended(operation);
  }

  private async findMoved(operation: string, tenantId: string, id: string): Promise<Reserved | undefined> {
    const item = await this.table.get(operation, this.keys.reservation(tenantId, id));
    return item === undefined ? undefined : reservedOf(operation, unpacked(operation, item['doc']));
  }

  /** What is over leaves the document. When that fails, the next call tries again. */
  private async move(operation: string, tenantId: string, surplus: readonly Reserved[]): Promise<void> {
    const leaving = surplus.slice(0, MOVED_AT_ONCE);
    const itemOf = (one: Reserved) => ({
      ...this.keys.reservation(tenantId, one.id),
      doc: packed(rowOf(one)),
      collectAt: collectAtOf(one.keptUntil),
    });
    try {
      await this.table.writeAll(operation, leaving.filter(({ state }) => state !== 'open').map(itemOf));
      for (const one of leaving.filter(({ state }) => state === 'open')) {
        // It may have been settled late by somebody, and moved as such.
        await this.table.put(operation, itemOf(one), 'attribute_not_exists(pk)');
      }
      await this.budgets.change(operation, this.keys.budgets(tenantId), (state) => ({
        answer: undefined,
        next: moved(state, leaving),
      }));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}
