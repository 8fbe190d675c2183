import type { Rivals } from '../backends/backend.ts';
import { labelOf, OPERATIONS, type Contender, type Operation } from './contender.ts';
import { StoreContender } from './store-contender.ts';
import { manyAtOnce, oneByOne, type Block, type CountRequests } from './turns.ts';
import { Workload } from './workload.ts';

export type Role = 'raw' | 'store' | 'peer';

/** What one run measured of one operation. The first arm is the one that the others are compared with. */
export interface OperationFigures {
  readonly operation: Operation;
  readonly arms: readonly ArmFigures[];
}

export interface ArmFigures extends Block {
  readonly role: Role;
  readonly name: string;
  readonly label: string;
}

interface Entrant {
  readonly role: Role;
  readonly workload: Workload;
}

export interface CallCounts {
  readonly warmUp: number;
  /** Of each arm in a run. */
  readonly calls: number;
}

/** The store, the raw client and the peers on the same operations. */
export class Comparison {
  private constructor(
    private readonly entrants: readonly Entrant[],
    private readonly requests: CountRequests | undefined,
  ) {}

  /** Fills all of them with sessions first. */
  static async between(rivals: Rivals, population: number): Promise<Comparison> {
    const entrants: Entrant[] = [];
    const enter = async (role: Role, contender: Contender): Promise<void> => {
      entrants.push({ role, workload: await Workload.fillFor(contender, population) });
    };
    for (const contender of rivals.raw) await enter('raw', contender);
    await enter('store', new StoreContender(rivals.store));
    for (const contender of rivals.peers) await enter('peer', contender);
    await rivals.tidy();
    return new Comparison(entrants, rivals.requests);
  }

  /** Each operation, one call at a time. */
  async sequential({ warmUp, calls }: CallCounts): Promise<readonly OperationFigures[]> {
    return this.each((arms) => oneByOne(arms, warmUp, calls, this.requests));
  }

  /** Each operation, by so many callers at once. */
  async concurrent(callers: number, calls: number): Promise<readonly OperationFigures[]> {
    return this.each((arms) => manyAtOnce(arms, callers, calls, this.requests));
  }

  private async each(
    measure: (arms: Parameters<typeof oneByOne>[0]) => Promise<readonly Block[]>,
  ): Promise<readonly OperationFigures[]> {
    const figures: OperationFigures[] = [];
    for (const operation of Object.keys(OPERATIONS) as Operation[]) {
      const entrants = this.entrants.filter(({ workload }) => workload.does(operation));
      const blocks = await measure(
        entrants.map(
          ({ workload }) =>
            (count) =>
              workload.prepare(operation, count),
        ),
      );
      const arms = entrants.map(({ role, workload: { contender } }, index) => ({
        role,
        name: contender.name,
        label: labelOf(contender, operation),
        ...(blocks[index] as Block),
      }));
      figures.push({ operation, arms });
    }
    return figures;
  }
}
