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
  /** So many next calls of an operation fail before they do anything, with the server error of the operation. */
  readonly failCalls?: PerOperation;
  /** Long polls on statements are refused, as when too many wait. */
  readonly refuseWaits?: boolean;
  /** Sessions are closed this long after they opened, busy or not. 0: never. */
  readonly loseSessionAfterMs?: number;
}

/** What goes wrong on request. Everything can be changed while the server runs. */
export class Faults {
  connectDelayMs = 0;
  pickDelayMs = 0;
  disguiseThrottles = false;
  loseSessionAfterMs = 0;
  refuseWaits = false;
  private rates: PerOperation = {};
  private readonly drops = new Map<OperationName, number>();
  private readonly failures = new Map<OperationName, number>();
  private readonly accepted = new Map<string, number[]>();

  constructor(settings: FaultSettings = {}) {
    this.set(settings);
  }

  /** Changes what is given and leaves the rest. */
  set(settings: FaultSettings): void {
    const unknown = Object.keys(settings).find((name) => !FAULT_NAMES.has(name));
    if (unknown !== undefined) {
      const names = [...FAULT_NAMES].join(', ');
      throw new LocalError('invalid_option', `There is no fault "${unknown}". There are: ${names}.`);
    }
    this.connectDelayMs = duration('connectDelayMs', settings.connectDelayMs, this.connectDelayMs);
    this.pickDelayMs = duration('pickDelayMs', settings.pickDelayMs, this.pickDelayMs);
    this.loseSessionAfterMs = duration('loseSessionAfterMs', settings.loseSessionAfterMs, this.loseSessionAfterMs);
    this.disguiseThrottles = flag('disguiseThrottles', settings.disguiseThrottles, this.disguiseThrottles);
    this.refuseWaits = flag('refuseWaits', settings.refuseWaits, this.refuseWaits);
    if (settings.throttle !== undefined) this.throttle(settings.throttle);
    if (settings.dropResponses !== undefined) this.dropResponses(settings.dropResponses);
    if (settings.failCalls !== undefined) this.failCalls(settings.failCalls);
  }

  throttle(rates: 'off' | 'published' | PerOperation): void {
    this.rates = rates === 'off' ? {} : rates === 'published' ? PUBLISHED_RATES : perOperation('throttle', rates);
    this.accepted.clear();
  }

  dropResponses(counts: PerOperation): void {
    setCounts(this.drops, perOperation('dropResponses', counts));
  }

  failCalls(counts: PerOperation): void {
    setCounts(this.failures, perOperation('failCalls', counts));
  }

  /** Whether this call is over the account's rate; if not, it counts. */
  throttles(account: string, operation: OperationName, now: number): boolean {
    const rate = this.rates[operation];
    if (rate === undefined) return false;
    const key = `${account} ${operation}`;
    const recent = (this.accepted.get(key) ?? []).filter((time) => time > now - 1_000);
    const over = recent.length >= rate;
    if (!over) recent.push(now);
    this.accepted.set(key, recent);
    return over;
  }

  takeDrop(operation: OperationName): boolean {
    return take(this.drops, operation);
  }

  takeFailure(operation: OperationName): boolean {
    return take(this.failures, operation);
  }
}

const FAULT_NAMES: ReadonlySet<string> = new Set<keyof FaultSettings>([
  'connectDelayMs',
  'pickDelayMs',
  'throttle',
  'disguiseThrottles',
  'dropResponses',
  'failCalls',
  'refuseWaits',
  'loseSessionAfterMs',
]);

function take(counts: Map<OperationName, number>, operation: OperationName): boolean {
  const left = counts.get(operation) ?? 0;
  if (left > 0) counts.set(operation, left - 1);
  return left > 0;
}

function setCounts(into: Map<OperationName, number>, counts: PerOperation): void {
  for (const [operation, count] of Object.entries(counts)) into.set(operation as OperationName, count);
}

function flag(name: string, given: boolean | undefined, current: boolean): boolean {
  if (given === undefined) return current;
  if (typeof given !== 'boolean') throw new LocalError('invalid_option', `The fault ${name} must be true or false.`);
  return given;
}

function duration(name: string, given: number | undefined, current: number): number {
  if (given === undefined) return current;
  if (typeof given !== 'number' || !Number.isFinite(given) || given < 0) {
    throw new LocalError('invalid_option', `The fault ${name} must be a number of milliseconds, 0 or more.`);
  }
  return given;
}

function perOperation(name: string, counts: PerOperation): PerOperation {
  if (typeof counts !== 'object' || counts === null) {
    throw new LocalError('invalid_option', `The fault ${name} must be an object of numbers by operation.`);
  }
  for (const [operation, count] of Object.entries(counts)) {
    if (!isOperationName(operation)) {
      throw new LocalError(
        'invalid_option',
        `The fault ${name} names the operation "${operation}", which there is not.`,
      );
    }
    if (typeof count !== 'number' || !Number.isFinite(count) || count < 0) {
      throw new LocalError('invalid_option', `The fault ${name} of ${operation} must be a number, 0 or more.`);
    }
  }
  return counts;
}
