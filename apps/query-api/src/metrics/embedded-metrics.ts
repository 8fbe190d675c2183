import type { OnApplicationShutdown } from '@nestjs/common';
import { TenantNames } from '@mooring/nest-runtime';
import type { WarehouseObserver } from '@mooring/redshift-sessions';

const NAMES = ['SessionHit', 'SessionMiss', 'SessionCreated', 'SessionExpired'] as const;
type Name = (typeof NAMES)[number];

/** CloudWatch keeps a metric for each, and charges for it. */
const MOST_TENANTS = 1000;
const EVERY_MS = 60_000;

export interface EmbeddedMetricsOptions {
  readonly namespace: string;
  readonly write: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Session reuse in CloudWatch's embedded metric format: each minute, and at the end, a line for each tenant with what was
 * counted since the last one. Nothing is counted twice or lost by an orderly end.
 */
export class EmbeddedMetrics implements OnApplicationShutdown {
  readonly observer: WarehouseObserver = {
    sessionHit: (tenantId) => this.count(tenantId, 'SessionHit'),
    sessionMiss: (tenantId) => this.count(tenantId, 'SessionMiss'),
    sessionCreated: (tenantId) => this.count(tenantId, 'SessionCreated'),
    sessionExpired: (tenantId) => this.count(tenantId, 'SessionExpired'),
  };
  private readonly tenants = new TenantNames(MOST_TENANTS);
  private readonly timer: NodeJS.Timeout;
  private counts = new Map<string, Record<Name, number>>();

  constructor(private readonly options: EmbeddedMetricsOptions) {
    this.timer = setInterval(() => this.flush(), EVERY_MS).unref();
  }

  flush(): void {
    const { namespace, write, now = Date.now } = this.options;
    const counted = this.counts;
    this.counts = new Map();
    for (const [TenantId, counts] of counted) {
      const Metrics = NAMES.map((Name) => ({ Name, Unit: 'Count' }));
      const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [['TenantId']], Metrics }];
      write(`${JSON.stringify({ _aws: { Timestamp: now(), CloudWatchMetrics }, TenantId, ...counts })}\n`);
    }
  }

  /** After the sessions were given up: that is counted, too. */
  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.flush();
  }

  private count(tenantId: string, name: Name): void {
    const tenant = this.tenants.of(tenantId);
    const counts = this.counts.get(tenant) ?? { SessionHit: 0, SessionMiss: 0, SessionCreated: 0, SessionExpired: 0 };
    counts[name] += 1;
    this.counts.set(tenant, counts);
  }
}
