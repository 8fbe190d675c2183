import type { Clock } from '@mooring/session-store';
import { replaced } from '@mooring/session-store-testkit';
import { CallRate, DataApiError, PUBLISHED_QUOTAS } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';

type Operation = 'ExecuteStatement' | 'DescribeStatement' | 'GetStatementResult';

/** What the service takes of a whole account: a second's worth of calls at once, then as many as come in. */
class Allowance {
  private left: number;
  private at: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.left = perSecond;
    this.at = clock.now();
  }

  take(): boolean {
    const now = this.clock.now();
    this.left = Math.min(this.perSecond, this.left + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

/** The Data API of an account: calls above its quotas are throttled. */
export class Account {
  throttled = 0;
  readonly api: DataApi;

  constructor(service: DataApi, clock: Clock) {
    const allowed = (operation: Operation): (() => void) => {
      const allowance = new Allowance(PUBLISHED_QUOTAS[operation], clock);
      return () => {
        if (allowance.take()) return;
        this.throttled += 1;
        throw new DataApiError('throttled', 'Rate exceeded');
      };
    };
    const [submit, describe, page] = [
      allowed('ExecuteStatement'),
      allowed('DescribeStatement'),
      allowed('GetStatementResult'),
    ];
    this.api = replaced<DataApi>(service, {
      execute: async (...call) => {
        submit();
        return service.execute(...call);
      },
      describe: async (...call) => {
        describe();
        return service.describe(...call);
      },
      result: async (...call) => {
        page();
        return service.result(...call);
      },
    });
  }
}

/** As a process calls it: no faster than its share of the quotas, and slower once it was throttled, as `AwsDataApi` does. */
export function paced(api: DataApi, clock: Clock, share: number): DataApi {
  const rate = new CallRate(clock, share);
  const call = async <T>(operation: Operation, send: () => Promise<T>): Promise<T> => {
    await rate.take(operation);
    try {
      return await send();
    } catch (error) {
      if (error instanceof DataApiError && error.failure === 'throttled') rate.throttled(operation);
      throw error;
    }
  };
  return replaced<DataApi>(api, {
    execute: (...args) => call('ExecuteStatement', () => api.execute(...args)),
    describe: (...args) => call('DescribeStatement', () => api.describe(...args)),
    result: (...args) => call('GetStatementResult', () => api.result(...args)),
  });
}
