import type { SoakReport } from './soak.ts';

/** What grew and what not, as docs/reliability.md has it. */
export function formatSoak({ backend, minutes, ok, series, lines }: SoakReport): string {
  const rows = series.map(({ series: name, unit, medians, perHour, allowedPerHour, flat }) => [
    name,
    unit,
    ...[...medians, perHour, allowedPerHour].map((value) => value.toFixed(1)),
    flat ? 'flat' : 'GROWS',
  ]);
  const head = ['what', 'unit', 'median, first half', 'second half', 'per hour', 'allowed', ''];
  return [
    `Soak on ${backend}, ${minutes} minutes: ${ok ? 'passed' : 'FAILED'}`,
    '',
    ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...lines.map((line) => `${line.ok ? 'ok    ' : 'FAILED'}  ${line.name}: ${line.reason}`),
  ].join('\n');
}

/** A line for each sample, a column for each series. */
export function formatSamples({ samples, series }: SoakReport): string {
  const names = series.map((one) => one.series);
  const rows = samples.map(({ at, values }) => [at.toFixed(1), ...names.map((name) => values.get(name) ?? '')]);
  return [['seconds', ...names], ...rows].map((cells) => cells.join(',')).join('\n');
}
