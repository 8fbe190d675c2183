import type { Visitor } from '../stores/contender.ts';
import { newSubject, newVisitor } from '../stores/visitors.ts';
import type { Workload } from '../stores/workload.ts';
import type { Action } from './schedule.ts';

/** The sessions of one contender, each with its own state. */
export class Crowd {
  private readonly guests: Visitor[] = [];

  constructor(private readonly workload: Workload) {}

  get name(): string {
    return this.workload.contender.name;
  }

  act(session: number, action: Action): Promise<unknown> {
    const { operations } = this.workload.contender;
    const visitor = this.workload.visitors[session] as Visitor;
    switch (action) {
      case 'verify':
      case 'touch':
      case 'update':
        return call(operations[action], visitor);
      case 'consume':
        return call(operations.consume, `session-${session}`);
      case 'create':
        return call(operations.create, (this.guests[session] = newVisitor(newSubject())));
      default:
        return call(operations.revoke, this.guests[session] as Visitor);
    }
  }
}

async function call<Input>(
  operation: ((input: Input) => Promise<unknown>) | undefined,
  input: Input,
): Promise<unknown> {
  if (operation === undefined) throw new Error('a contender of the load must do all of it');
  return operation(input);
}
