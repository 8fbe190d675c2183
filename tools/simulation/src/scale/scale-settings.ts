import type { ScaleSetting } from './scale-setting.ts';

/** More tenants than the cluster has sessions for, and as many processes as nobody needs for the account's calls. */
const LARGEST: ScaleSetting = {
  tenants: 10_000,
  processes: 100,
  perSecond: 10,
  keepAliveSeconds: 600,
  overflow: 'wait',
  quotaShare: 0.05,
  balancer: 'any',
  maxSessions: 400,
  warmUpSeconds: 600,
  measuredSeconds: 600,
  seed: 1,
};

const OVERFLOWS = ['wait', 'ephemeral'] as const;

function both(change: Partial<ScaleSetting>): readonly ScaleSetting[] {
  return OVERFLOWS.map((overflow) => ({ ...LARGEST, ...change, overflow }));
}

/** What is simulated for the document, by the table that it is in. */
export const SCALE_TABLES = {
  tenants: [100, 1_000, 10_000].flatMap((tenants) =>
    [1, 10, 100].flatMap((processes) => both({ tenants, processes, quotaShare: Math.max(0.05, 0.8 / processes) })),
  ),
  'keep-alive': [60, 300, 1_800].flatMap((keepAliveSeconds) =>
    both({ keepAliveSeconds, warmUpSeconds: Math.max(600, keepAliveSeconds) }),
  ),
  load: [2, 5, 15].flatMap((perSecond) => both({ perSecond })),
  processes: [
    { ...LARGEST, overflow: 'ephemeral', quotaShare: 0.008 },
    { ...LARGEST, overflow: 'ephemeral' },
    { ...LARGEST, overflow: 'ephemeral', balancer: 'tenant' },
    { ...LARGEST, overflow: 'ephemeral', quotaShare: 0.2, balancer: 'tenant' },
    { ...LARGEST, overflow: 'wait', quotaShare: 0.2, balancer: 'tenant' },
  ],
  /** Small enough for every run of the tests, and full. */
  small: both({
    tenants: 100,
    processes: 5,
    perSecond: 5,
    keepAliveSeconds: 60,
    quotaShare: 0.16,
    maxSessions: 40,
    warmUpSeconds: 60,
    measuredSeconds: 60,
  }),
} as const satisfies Readonly<Record<string, readonly ScaleSetting[]>>;

export type ScaleTable = keyof typeof SCALE_TABLES;
