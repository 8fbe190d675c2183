import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { format } from 'oxfmt';
import { SERVICES, WORKSPACE, readText, readYaml } from './deployment-files.fixture.ts';
import { askedBy } from './promql.fixture.ts';
import { knownMetrics } from './service-metrics.fixture.ts';
import type { KnownMetric } from './service-metrics.fixture.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

let metrics: readonly KnownMetric[];
beforeAll(async () => {
  metrics = await knownMetrics();
}, 120_000);

/** What Prometheus itself adds. */
const TARGET_LABELS = ['job', 'instance', 'service'];

/** What an expression asks for that no service has. */
function unknownIn(expression: string): string[] {
  const { selectors, groupings } = askedBy(expression);
  const labels = new Set([...TARGET_LABELS, 'le']);
  const faults: string[] = [];
  for (const { metric, labels: asked } of selectors) {
    if (metric === 'up') continue;
    const known = metrics.filter(({ name, type }) => {
      return name === metric || (type === 'histogram' && metric.replace(/_(bucket|count|sum)$/, '') === name);
    });
    if (known.length === 0) faults.push(metric);
    const own = new Set([...TARGET_LABELS, ...known.flatMap((one) => one.labels)]);
    faults.push(...asked.filter((label) => !own.has(label)).map((label) => `${metric}{${label}}`));
    for (const label of own) labels.add(label);
  }
  return [...faults, ...groupings.filter((label) => !labels.has(label)).map((label) => `by (${label})`)];
}

function rules(): Rule[] {
  return readYaml<{ groups: { rules: Rule[] }[] }>('prometheus/alerts.yml').flatMap(({ groups }) =>
    groups.flatMap((group) => group.rules),
  );
}

describe('what is asked of metrics', () => {
  it('is found out by their grammar', () => {
    const expression = 'sum by (le, a) (rate(http_requests_in_flight{b="1",c!~"x.*"}[5m])) / nosuch_total > 1';
    expect(askedBy(expression)).toEqual({
      selectors: [
        { metric: 'http_requests_in_flight', labels: ['b', 'c'] },
        { metric: 'nosuch_total', labels: [] },
      ],
      groupings: ['le', 'a'],
    });
    expect(unknownIn(expression)).toEqual([
      'http_requests_in_flight{b}',
      'http_requests_in_flight{c}',
      'nosuch_total',
      'by (a)',
    ]);
    expect(() => askedBy('sum(rate(')).toThrow('can not be read');
  });

  it('by alerts is there, and each has a runbook', async () => {
    const alerts = rules();
    expect(alerts.length).toBeGreaterThan(20);
    const runbooks = await readFile(join(WORKSPACE, 'docs/operations/runbooks.md'), 'utf8');
    const headings = [...runbooks.matchAll(/^## (.+)$/gm)].map(([, words = '']) =>
      words.toLowerCase().replaceAll(' ', '-'),
    );
    for (const { alert, expr, annotations } of alerts) {
      const anchor = alert.replaceAll(/(?<=.)(?=[A-Z])/g, '-').toLowerCase();
      expect({ alert, unknown: unknownIn(expr) }).toEqual({ alert, unknown: [] });
      expect([annotations.runbook, headings.includes(anchor)]).toEqual([`docs/operations/runbooks.md#${anchor}`, true]);
    }
  });

  /** To Prometheus, a series that begins with 1 has not increased. */
  it('by alerts on an increase is there from the start', () => {
    const increases = rules().flatMap(({ alert, expr }) =>
      [...expr.matchAll(/increase\((\w+)(?:\{([^}]*)\})?\[/g)].map(([, name = '', matchers = '']) => {
        const labels = [...matchers.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]);
        return { alert, name, labels: Object.fromEntries(labels) as Record<string, string> };
      }),
    );
    expect(increases.length).toBeGreaterThan(3);
    const missing = increases.filter(
      ({ name, labels }) =>
        !metrics.some(
          (known) =>
            known.name === name &&
            known.series.some((one) => Object.entries(labels).every(([label, value]) => one[label] === value)),
        ),
    );
    expect(missing).toEqual([]);
  });

  it('by the dashboard is there', () => {
    const expressions = [...readText('grafana/mooring.json').matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(
      ([, text = '']) => (JSON.parse(`"${text}"`) as string).replaceAll('$__rate_interval', '5m'),
    );
    expect(expressions.length).toBeGreaterThan(40);
    const unknown = expressions.map((expression) => [expression, unknownIn(expression)]);
    expect(unknown.filter(([, faults]) => faults?.length !== 0)).toEqual([]);
  });

  it('by documents is there', async () => {
    const names = new Set(metrics.map(({ name }) => name));
    for (const page of ['metrics.md', 'cleanup.md', 'runbooks.md']) {
      const text = await readFile(join(WORKSPACE, 'docs/operations', page), 'utf8');
      const named = [...text.matchAll(/`((?:mooring|http|nodejs|process)_[a-z_0-9]+)(?=[`{])/g)].map(
        ([, name = '']) => name,
      );
      const tables = /^mooring_(sessions|pool_slots|budgets|users|migrations|restored|user_migrations)$/;
      const missing = named.filter((name) => !names.has(name) && !tables.test(name));
      expect({ page, missing }).toEqual({ page, missing: [] });
    }
  });

  it('of CloudWatch is what the query API writes', () => {
    const searched = [
      ...readText('cloudwatch/dashboard.json').matchAll(/\{Spectra,TenantId\} MetricName=\\"(\w+)\\"/g),
    ];
    const names = new Set(searched.map(([, name = '']) => name));
    expect([...names].sort()).toEqual(['SessionCreated', 'SessionExpired', 'SessionHit', 'SessionMiss']);
  });
});

describe('metrics', () => {
  it('are named and described by the conventions of Prometheus', () => {
    const own = metrics.filter(({ name }) => /^(mooring|http)_/.test(name));
    const faults = own.filter(({ name, type, help }) => {
      const isNamed = type === 'counter' ? name.endsWith('_total') : !name.endsWith('_total');
      const hasUnit = type !== 'histogram' || name.endsWith('_seconds');
      return !isNamed || !hasUnit || help.length < 10 || /_(ms|millis|minutes|kb|mb)(_|$)/.test(name);
    });
    expect(faults).toEqual([]);
  });

  it('are in docs/reference/metrics.md as they are', async () => {
    const file = join(WORKSPACE, 'docs/reference', 'metrics.md');
    const { code: page } = await format('metrics.md', reference());
    if (process.env['MOORING_TEST_WRITE_DOCS'] === '1') await writeFile(file, page);
    expect(await readFile(file, 'utf8')).toBe(page);
  });
});

function reference(): string {
  const own = metrics.filter(({ name }) => !/^(nodejs|process)_/.test(name));
  const inAll = own.filter(({ name }) =>
    SERVICES.every((one) => own.some((o) => o.service === one && o.name === name)),
  );
  const shared = inAll.filter(({ service }) => service === SERVICES[0]);
  const sharedNames = new Set(shared.map(({ name }) => name));
  const sections = SERVICES.map((service) => {
    const rest = own.filter((metric) => metric.service === service && !sharedNames.has(metric.name));
    return `## ${service}\n\n${table(rest)}\n`;
  });
  return `# Metrics

Generated from the services by \`MOORING_TEST_WRITE_DOCS=1 npm test -w @mooring/deploy -- metrics\`; a test fails when it is
out of date. Every series has the label \`service\` besides. The \`process_*\` and \`nodejs_*\` metrics of
[prom-client](https://github.com/siimon/prom-client#default-metrics) are there, too. The label \`tenant\` is there only where
\`MOORING_METRICS_TENANTS\` is above 0. What to look at:
[operations/metrics](../operations/metrics.md).

## Every service

${table(shared)}

${sections.join('\n')}`;
}

function table(rows: readonly KnownMetric[]): string {
  const lines = [...rows]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help }) => {
      return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
    });
  return ['| name | type | labels | what it is |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
