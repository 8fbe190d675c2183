import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { EmbeddedMetrics } from './embedded-metrics.ts';

const short = (most: number) => z.string().min(1).max(most);

/** What CloudWatch's specification of the format asks of a document, as far as it has counts. */
const DOCUMENT = z
  .object({
    _aws: z.strictObject({
      Timestamp: z.int(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: short(1024),
            Dimensions: z.array(z.array(short(250)).min(1).max(30)).min(1),
            Metrics: z
              .array(z.strictObject({ Name: short(1024), Unit: z.enum(['Count', 'None']) }))
              .min(1)
              .max(100),
          }),
        )
        .min(1),
    }),
  })
  .catchall(z.union([z.number(), z.string()]))
  .superRefine(({ _aws, ...members }, context) => {
    for (const { Dimensions, Metrics } of _aws.CloudWatchMetrics) {
      for (const name of Dimensions.flat()) {
        if (!short(1024).safeParse(members[name]).success) context.addIssue(`the dimension ${name} has no value`);
      }
      for (const { Name } of Metrics) {
        if (typeof members[Name] !== 'number') context.addIssue(`the metric ${Name} has no value`);
      }
    }
  });

describe('metrics for CloudWatch', () => {
  let lines: string[] = [];
  const opened: EmbeddedMetrics[] = [];
  const open = (): EmbeddedMetrics => {
    lines = [];
    const write = (line: string): void => void lines.push(line);
    const metrics = new EmbeddedMetrics({ namespace: 'Spectra', write, now: () => 1_769_680_800_000 });
    opened.push(metrics);
    return metrics;
  };
  afterEach(() => opened.splice(0).forEach((metrics) => metrics.onApplicationShutdown()));

  it('are documents of the format, a line for each tenant, with what was counted', () => {
    const metrics = open();
    const { observer } = metrics;
    observer.sessionMiss?.('acme');
    observer.sessionCreated?.('acme');
    for (let hits = 0; hits < 41; hits += 1) observer.sessionHit?.('acme');
    observer.sessionExpired?.('globex');
    expect(lines).toEqual([]);
    metrics.flush();
    expect(lines.every((line) => line.endsWith('}\n') && line.length < 1024)).toBe(true);
    const documents = lines.map((line) => DOCUMENT.parse(JSON.parse(line)));
    expect(documents).toMatchObject([
      { TenantId: 'acme', SessionHit: 41, SessionMiss: 1, SessionCreated: 1, SessionExpired: 0 },
      { TenantId: 'globex', SessionHit: 0, SessionMiss: 0, SessionCreated: 0, SessionExpired: 1 },
    ]);
    expect(documents[0]?._aws).toEqual({
      Timestamp: 1_769_680_800_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Spectra',
          Dimensions: [['TenantId']],
          Metrics: ['SessionHit', 'SessionMiss', 'SessionCreated', 'SessionExpired'].map((Name) => ({
            Name,
            Unit: 'Count',
          })),
        },
      ],
    });
  });

  it('have each count once, whenever lines are written, and the last ones at the end', () => {
    const metrics = open();
    for (let hits = 1; hits <= 100; hits += 1) {
      metrics.observer.sessionHit?.('acme');
      if (hits % 30 === 0) metrics.flush();
    }
    metrics.flush();
    metrics.flush();
    metrics.observer.sessionExpired?.('acme');
    metrics.onApplicationShutdown();
    const sums = lines.map((line) => DOCUMENT.parse(JSON.parse(line)));
    expect(sums.map(({ SessionHit }) => SessionHit)).toEqual([30, 30, 30, 10, 0]);
    expect(sums.at(-1)).toMatchObject({ SessionExpired: 1 });
  });

  it('have a bounded number of tenants', () => {
    const metrics = open();
    for (let tenant = 0; tenant < 1200; tenant += 1) metrics.observer.sessionHit?.(`tenant-${tenant}`);
    metrics.flush();
    expect(lines).toHaveLength(1001);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ TenantId: 'other', SessionHit: 200 });
  });
});
