import { Inject, Injectable } from '@nestjs/common';
import { EngineContext, EngineError, doneOutcome } from '@mooring/engine';
import type { Principal, StatementHandler } from '@mooring/engine';
import { StoreError } from '@mooring/session-store';
import { RunRecords } from '@mooring/session-sweeper';
import { isOver } from '../queries/query-record.ts';
import { QueryWatch } from '../queries/query-watch.ts';
import { Jobs } from './sources/jobs.ts';

/** Ends a job; whether there was something to end. */
type End = () => Promise<boolean>;

/** KILL JOB: queries of one's own, for a dba those of the tenant; runs of the cleanup worker for `system`. Others' don't exist. */
@Injectable()
export class KillJob {
  constructor(
    @Inject(EngineContext) private readonly engine: EngineContext,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(RunRecords) private readonly runs: RunRecords,
    @Inject(QueryWatch) private readonly queries: QueryWatch,
  ) {
    engine.handlers.register(this.handler());
  }

  private handler(): StatementHandler<'kill_job', End> {
    return {
      kinds: ['kill_job'],
      authorize: async ({ id }, { principal }) => {
        const end =
          principal.role === 'anonymous'
            ? undefined
            : ((await this.endOfQuery(principal, id)) ?? (await this.endOfRun(principal, id)));
        if (end !== undefined) return end;
        throw new EngineError({ code: 'not_found', message: `there is no job ${JSON.stringify(id.slice(0, 128))}` });
      },
      execute: async ({ id }, _, end) =>
        (await end()) ? doneOutcome(`job ${id} is being ended`, 1) : doneOutcome(`job ${id} is over`, 0),
    };
  }

  private async endOfQuery(principal: Principal, id: string): Promise<End | undefined> {
    const found = await this.jobs.findQuery(principal, id);
    if (found === undefined) return undefined;
    const { userId, record } = found;
    return async () => {
      if (isOver(record)) return false;
      await this.queries.cancel({ tenantId: principal.tenantId, userId }, id).catch(notTold);
      return true;
    };
  }

  private async endOfRun({ role }: Principal, id: string): Promise<End | undefined> {
    if (role !== 'system' || (await this.runs.find(id)) === undefined) return undefined;
    return async () => {
      const killed = await this.runs.kill(id, this.engine.clock.now());
      if (killed.ok || killed.reason !== 'changed') return killed.ok;
      const message = 'the run changes at this moment: try again';
      throw new EngineError({ code: 'conflict', message, retryable: true });
    };
  }
}

function notTold(cause: unknown): never {
  if (cause instanceof StoreError) throw cause;
  const message = 'the warehouse could not be told to end the query: try again';
  throw new EngineError({ code: 'unavailable', message, retryable: true, cause });
}
