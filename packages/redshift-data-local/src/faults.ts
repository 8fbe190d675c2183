import { LocalError } from './errors.ts';
import { PUBLISHED_RATES, isOperationName } from './operation-names.ts';
import type { OperationName } from './operation-names.ts';

export type PerOperation = Partial<Record<OperationName, number>>;

export interface FaultSettings {
  /** What opening a connection takes longer. */
  readonly connectDelayMs?: number;
  /** How long a statement stays SUBMITTED. */
  readonly pickDelayMs?: number;
  /** Calls per second after which an operation throttles. */
  readonly throttle?: 'off' | 'published' | PerOperation;
  /** Disguise throttles as the ValidationException of a throttled dependency, which SDKs do not retry. */
  readonly disguiseThrottles?: boolean;
  /** So many next calls of an operation are carried out, and their answers are lost with the connection. */
  readonly dropResponses?: PerOperation;
  /** Sessions are closed this long after they opened, busy or not. 0: never. */
  readonly loseSessionAfterMs?: number;
}

/** What goes wrong on request. Everything can be changed while the server runs. */
export class Faults {
  connectDelayMs = 0;
  pickDelayMs = 0;
  disguiseThrottles = false;
  loseSessionAfterMs = 0;
  private rates: PerOperation = {};
  private readonly drops = new Map<OperationName, number>();
  private readonly accepted = new Map<OperationName, number[]>();

  constructor(settings: FaultSettings = {}) {
    this.set(settings);
  }

  /** Changes what is given and leaves the rest. */
  set(settings: FaultSettings): void {
    this.connectDelayMs = duration('connectDelayMs', settings.connectDelayMs, this.connectDelayMs);
    this.pickDelayMs = duration('pickDelayMs', settings.pickDelayMs, this.pickDelayMs);
    this.loseSessionAfterMs = duration('loseSessionAfterMs', settings.loseSessionAfterMs, this.loseSessionAfterMs);
    this.disguiseThrottles = settings.disguiseThrottles ?? this.disguiseThrottles;
    if (settings.throttle !== undefined) this.throttle(settings.throttle);
    if (settings.dropResponses !== undefined) this.dropResponses(settings.dropResponses);
  }

  throttle(rates: 'off' | 'published' | PerOperation): void {
    this.rates = rates === 'off' ? {} : rates === 'published' ? PUBLISHED_RATES : perOperation('throttle', rates);
    this.accepted.clear();
  }

  dropResponses(counts: PerOperation): void {
    for (const [operation, count] of Object.entries(perOperation('dropResponses', counts))) {
      this.drops.set(operation as OperationName, count);
    }
  }

  /** Whether this call is over the rate; if not, it counts. */
  throttles(operation: OperationName, now: number): boolean {
    const rate = this.rates[operation];
    if (rate === undefined) return false;
    const recent = (this.accepted.get(operation) ?? []).filter((time) => time > now - 1_000);
    const over = recent.length >= rate;
    this.accepted.set(operation, over ? recent : [...recent, now]);
    return over;
  }

  takeDrop(operation: OperationName): boolean {
    const left = this.drops.get(operation) ?? 0;
    if (left > 0) this.drops.set(operation, left - 1);
    return left > 0;
  }
}

function duration(name: string, given: number | undefined, current: number): number {
  if (given === undefined) return current;
  if (!Number.isFinite(given) || given < 0) {
    throw new LocalError('invalid_option', `The fault ${name} must be a number of milliseconds, 0 or more.`);
  }
  return given;
}

function perOperation(name: string, counts: PerOperation): PerOperation {
  for (const [operation, count] of Object.entries(counts)) {
    if (!isOperationName(operation)) {
      throw new LocalError(
        'invalid_option',
        `The fault ${name} names the operation "${operation}", which there is not.`,
      );
    }
    if (!Number.isFinite(count) || count < 0) {
      throw new LocalError('invalid_option', `The fault ${name} of ${operation} must be a number, 0 or more.`);
    }
  }
  return counts;
}
