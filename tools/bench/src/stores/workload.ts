import { randomUUID } from 'node:crypto';
import type { Contender, Household, Operation, Operations, PoolPlace, Visitor } from './contender.ts';
import { inParallel } from './parallel.ts';
import { newHousehold, newSubject, newVisitor } from './visitors.ts';

/** The n-th of the calls that were made ready. */
export type Call = (index: number) => Promise<unknown>;

type Inputs = (count: number) => readonly unknown[] | Promise<readonly unknown[]>;

/** Names that limits and accounts are spread over. */
const MOST_NAMES = 1000;
/** Idle sessions of each target of the pool. */
const POOL_SESSIONS = 16;
const HOUSEHOLD = 5;

/** What one contender works on: sessions that were there before, and what calls need made ready, untimed. */
export class Workload {
  /** What an operation is called with, for so many calls. What is read was read before, so that copies are there. */
  private readonly inputs: Readonly<Record<Operation, Inputs>> = {
    get: (count) => this.after('get', this.visitors.slice(0, count)),
    verify: (count) => this.after('get', this.visitors.slice(0, count)),
    touch: () => this.visitors,
    create: newVisitors,
    update: () => this.visitors,
    rotate: () => this.visitors,
    revoke: (count) => this.after('create', newVisitors(count)),
    revokeWhere: (count) => this.newHouseholds(count),
    list: () => this.households,
    consume: () => this.names,
    peek: () => this.names,
    check: () => this.names,
    recordFailure: () => this.names,
    reserve: newIds,
    settle: (count) => this.after('reserve', newIds(count)),
    leaseAcquire: newIds,
    leaseRenew: (count) => this.after('leaseAcquire', newIds(count)),
    poolAcquire: (count) => this.newPlaces(count),
    poolRenew: async (count) => this.after('poolAcquire', await this.newPlaces(count)),
  };

  private constructor(
    readonly contender: Contender,
    readonly visitors: readonly Visitor[],
    private readonly households: readonly Household[],
    private readonly names: readonly string[],
  ) {}

  static async fillFor(contender: Contender, population: number): Promise<Workload> {
    const { operations } = contender;
    const some = (count: number): null[] => Array.from({ length: count }, () => null);
    const visitors = operations.create === undefined ? [] : newVisitors(population);
    const households = operations.list === undefined ? [] : some(population / 10).map(() => newHousehold(HOUSEHOLD));
    const names = some(Math.min(MOST_NAMES, population)).map((_, index) => `name-${index}`);
    const everybody = [...visitors, ...households.flatMap((household) => household.visitors)];
    await inParallel(everybody.length, (index) => operations.create?.(everybody[index] as Visitor));
    await inParallel(names.length, (index) => operations.consume?.(names[index] as string));
    await inParallel(names.length, (index) => operations.recordFailure?.(names[index] as string));
    return new Workload(contender, visitors, households, names);
  }

  does(operation: Operation): boolean {
    const { operations, measured } = this.contender;
    return operations[operation] !== undefined && measured?.includes(operation) !== false;
  }

  /** Makes so many calls ready, each to be made once. */
  async prepare(operation: Operation, count: number): Promise<Call> {
    const { operations } = this.contender;
    const run = operations[operation];
    if (run === undefined) throw new Error(`${this.contender.name} has no ${operation}`);
    const inputs = await this.inputs[operation](count);
    const call = run as (input: unknown) => Promise<unknown>;
    return (index) => call.call(operations, inputs[index % inputs.length]);
  }

  /** Inputs that another operation was done with first. */
  private async after<Name extends Operation>(
    name: Name,
    inputs: readonly Parameters<Operations[Name]>[0][],
  ): Promise<readonly unknown[]> {
    const { operations } = this.contender;
    const run = operations[name] as (input: unknown) => Promise<unknown>;
    await inParallel(inputs.length, (index) => run.call(operations, inputs[index]));
    return inputs;
  }

  private async newHouseholds(count: number): Promise<readonly Household[]> {
    const households = Array.from({ length: count }, () => newHousehold(2));
    await this.after(
      'create',
      households.flatMap(({ visitors }) => visitors),
    );
    return households;
  }

  private async newPlaces(count: number): Promise<readonly PoolPlace[]> {
    const targets = newIds(Math.ceil(count / POOL_SESSIONS));
    await inParallel(targets.length, (index) => this.contender.fillPool?.(targets[index] as string, POOL_SESSIONS));
    return newIds(count).map((leaseId, index) => ({ target: targets[index % targets.length] as string, leaseId }));
  }
}

function newVisitors(count: number): Visitor[] {
  return Array.from({ length: count }, () => newVisitor(newSubject()));
}

function newIds(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}
