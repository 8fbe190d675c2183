import { Inject, Injectable, Logger, SetMetadata } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BudgetLedger } from '@mooring/usage-limits';
import type { Spending } from '@mooring/usage-limits';
import { catchError, concatMap, from, mergeMap, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { AccessError } from './errors.ts';
import { consumerOf } from './rate-limit-guard.ts';

const BUDGET = 'mooring:budget';

export interface BudgetUse {
  /** The most that a call may cost. */
  readonly amount: number;
  /** What it did cost, by what the handler answered. Default: `amount`. */
  readonly actual?: (answer: unknown) => number;
}

/** What a call of the route costs. */
export const Budget = (use: BudgetUse): MethodDecorator & ClassDecorator => SetMetadata(BUDGET, use);

/**
 * Holds back what a call may cost before it runs, and settles what it did cost after; a call that fails costs nothing, and
 * fails with its own error where what it held can not be given back, which is logged. For work that outlives its request, use
 * `BudgetLedger` itself.
 */
@Injectable()
export class BudgetInterceptor implements NestInterceptor {
  private readonly logger = new Logger(BudgetInterceptor.name);

  constructor(
    @Inject(BudgetLedger) private readonly ledger: BudgetLedger,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const places = [context.getHandler(), context.getClass()];
    const use = this.reflector.getAllAndOverride<BudgetUse | undefined>(BUDGET, places);
    if (use === undefined) return next.handle();
    return from(this.hold(context, use)).pipe(
      mergeMap((spending) =>
        next.handle().pipe(
          catchError((error: unknown) => from(this.giveBack(spending)).pipe(mergeMap(() => throwError(() => error)))),
          concatMap((answer) => from(spending.settle(use.actual?.(answer) ?? use.amount).then((): unknown => answer))),
        ),
      ),
    );
  }

  private async giveBack(spending: Spending): Promise<void> {
    try {
      await spending.release();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.logger.warn(`What a failed call held of its budget is held until its time is over: ${reason}`);
    }
  }

  private async hold(context: ExecutionContext, { amount }: BudgetUse): Promise<Spending> {
    const held = await this.ledger.reserve({ consumer: consumerOf(context), amount });
    if (held.ok) return held.value;
    throw new AccessError('budget_exceeded', 'The budget for this is used up.');
  }
}
