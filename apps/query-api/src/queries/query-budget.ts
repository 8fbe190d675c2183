import { Inject, Injectable, Logger } from '@nestjs/common';
import { Metrics, ProblemError } from '@mooring/nest-runtime';
import { BudgetStore } from '@mooring/session-store';
import { BudgetLedger } from '@mooring/usage-limits';
import type { BudgetState, Spending } from '@mooring/usage-limits';
import type { Principal } from '../api-tokens.ts';
import { QueryApiConfig } from '../config.ts';
import type { QueryRecord } from './query-record.ts';

const BUDGETS = ['statements', 'seconds', 'rows'] as const;
type BudgetName = (typeof BUDGETS)[number];

/** How long after its limit a statement may still be on its way to an end. */
const MARGIN_MS = 120_000;

export type Amounts = Readonly<Record<BudgetName, number>>;

/** What is held back of a tenant's budgets for one query. */
export interface HeldBudget<Taken = QueryRecord> {
  /** For the answer: `statements=97, rows=5000`. Undefined where there are no budgets. */
  readonly remaining: string | undefined;
  /** Replaces what was held by what was taken, nothing of none. It does not fail: what is not settled comes back by itself. */
  settle(taken: Taken): Promise<void>;
}

/** What is held back for rows that are read later. */
export interface HeldRows {
  /** Replaces what was held by the rows that were read. It does not fail. */
  settle(rows: number): Promise<void>;
}

const NO_ROWS_HELD: HeldRows = { settle: async () => {} };

const NOTHING_HELD: HeldBudget<unknown> = { remaining: undefined, settle: async () => {} };

/** Statements, seconds and rows that a tenant may use in a day, where that is limited. */
@Injectable()
export class QueryBudget {
  private readonly logger = new Logger(QueryBudget.name);
  private readonly refusals;
  private readonly ledgers: readonly (readonly [BudgetName, BudgetLedger])[];

  constructor(
    @Inject(QueryApiConfig) private readonly config: Pick<QueryApiConfig, 'budgets' | 'pool'>,
    @Inject(BudgetStore) budgets: BudgetStore,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.refusals = metrics.counter({
      name: 'mooring_query_budget_refusals_total',
      help: 'Queries, SQL requests and reads of rows that a budget of their tenant refused, by the budget.',
      labelNames: ['budget'],
    });
    this.ledgers = BUDGETS.flatMap((name) => {
      const limit = config.budgets[name];
      if (limit === undefined) return [];
      const policies = [{ name, scope: 'tenant', limit, period: 'day' }] as const;
      return [[name, new BudgetLedger({ budgets, policies })] as const];
    });
  }

  get limitsRows(): boolean {
    return this.config.budgets.rows !== undefined;
  }

  /** Holds back the most that the query may take. Rejects with `budget_exceeded` when it does not fit. */
  async hold(caller: Principal, id: string, { timeoutMs, attempt }: QueryRecord, maxRows: number): Promise<HeldBudget> {
    const most = { statements: 1, seconds: Math.ceil(timeoutMs / 1000), rows: maxRows };
    const ttlMs = timeoutMs + this.config.pool.waitTimeoutMs + MARGIN_MS;
    const held = await this.holdMost(caller, `${id}-${attempt}`, most, ttlMs);
    return { remaining: held.remaining, settle: (record) => held.settle(takenOf(record, most)) };
  }

  /** The same for what has no record. The id is new for each; nothing of it is held for longer than `ttlMs`. */
  async holdMost(
    { tenantId }: Principal,
    id: string,
    most: Amounts,
    ttlMs: number,
  ): Promise<HeldBudget<Partial<Amounts>>> {
    if (this.ledgers.length === 0) return NOTHING_HELD;
    const answers = await Promise.all(
      this.ledgers.map(async ([name, ledger]) => {
        const request = { consumer: { tenantId }, amount: most[name], ttlMs, id: `${name}-${id}` };
        return { name, amount: most[name], ledger, held: await ledger.reserve(request) };
      }),
    );
    const spendings = answers.flatMap(({ name, held }) => (held.ok ? [{ name, spending: held.value }] : []));
    const refused = answers.find(({ held }) => !held.ok);
    if (refused !== undefined) {
      await this.record(spendings.map(({ spending }) => settle(spending, undefined)));
      const [state] = await refused.ledger.usage({ tenantId });
      this.refusals.inc({ budget: refused.name });
      throw exceeded(refused.name, refused.amount, state);
    }
    return {
      remaining: spendings.map(({ name, spending }) => `${name}=${spending.states[0]?.remaining ?? 0}`).join(', '),
      settle: async (taken) => {
        await this.record(spendings.map(({ name, spending }) => settle(spending, taken[name])));
      },
    };
  }

  /** Holds back rows that are about to be read, beyond those that a query had. Rejects with `budget_exceeded`. */
  async holdRows(tenantId: string, rows: number): Promise<HeldRows> {
    const [, ledger] = this.ledgers.find(([name]) => name === 'rows') ?? [];
    if (ledger === undefined || rows === 0) return NO_ROWS_HELD;
    const held = await ledger.reserve({ consumer: { tenantId }, amount: rows, ttlMs: MARGIN_MS });
    if (!held.ok) {
      const [state] = await ledger.usage({ tenantId });
      this.refusals.inc({ budget: 'rows' });
      throw exceeded('rows', rows, state);
    }
    return { settle: (read) => this.record([settle(held.value, read)]) };
  }

  private async record(settled: readonly Promise<void>[]): Promise<void> {
    const failed = (await Promise.allSettled(settled)).some(({ status }) => status === 'rejected');
    if (failed) this.logger.warn('What a query took was not recorded; what was held for it comes back by itself');
  }
}

/** Cancelled before the warehouse had it. */
function isUnbegun({ namespace, status, statementId }: QueryRecord): boolean {
  return namespace === undefined && status === 'cancelled' && statementId === undefined;
}

/** Undefined: it did not run, so it costs nothing. */
function takenOf(record: QueryRecord, most: Amounts): Partial<Amounts> {
  if (record.neverRan === true || isUnbegun(record)) return {};
  const { runMs, totalMs } = record.timings ?? {};
  const seconds = runMs ?? totalMs;
  return {
    statements: 1,
    seconds: seconds === undefined ? most.seconds : Math.ceil(seconds / 1000),
    rows: record.hasResultSet === true ? Math.min(record.resultRows ?? most.rows, most.rows) : 0,
  };
}

async function settle(spending: Spending, taken: number | undefined): Promise<void> {
  await (taken === undefined ? spending.release() : spending.settle(taken));
}

function exceeded(name: BudgetName, amount: number, state: BudgetState | undefined): ProblemError {
  const remaining = state?.remaining ?? 0;
  const mend: Record<BudgetName, string> = {
    statements: '',
    seconds: ' Ask for a smaller timeoutSeconds.',
    rows: ' Ask for a smaller maxRows or limit.',
  };
  return new ProblemError(
    'budget_exceeded',
    `The tenant has ${remaining} ${name} left today, and this may take ${amount}.${remaining > 0 ? mend[name] : ''}`,
    {
      members: { budget: name, remaining },
      retryAfterMs: Math.max(1000, (state?.endsAt ?? Date.now()) - Date.now()),
      headers: { 'budget-remaining': `${name}=${remaining}` },
    },
  );
}
