import type { Check, Row } from '../benchmark.ts';
import type { ReportFile, ReportPart } from '../report/report-file.ts';
import { formatFigure, formatRatio } from './format.ts';

/** The reports that are checked in, by benchmark. */
export type Reports = ReadonlyMap<string, ReportFile>;

/** What a marker names is not in the reports, or more than one thing is. */
export class UnknownFigure extends Error {}

/**
 * A figure by its name: `stores/redis :: redis, one at a time: get :: mooring :: p50`, which is benchmark and part, figure, arm
 * and value; or `stores/redis :: check :: <name>` for what was promised. An arm is also found by how its name begins.
 */
export function figureText(reports: Reports, selector: string): string {
  const [where = '', figure = '', arm = '', value = '', ...more] = selector.split('::').map((name) => name.trim());
  if (more.length > 0) throw new UnknownFigure(`"${selector}" has more than four names`);
  const part = partNamed(reports, where);
  if (figure === 'check') return checkText(part, arm, value);
  return valueText(rowNamed(part, figure, arm), value);
}

/** @param where `stores/redis`, or `auth/all` of a benchmark that has no parts */
export function partNamed(reports: Reports, where: string): ReportPart {
  const [benchmark = '', name = ''] = where.split('/');
  const part = reports.get(benchmark)?.parts.find((one) => one.part === name);
  if (part === undefined) throw new UnknownFigure(`there is no report of ${where}`);
  return part;
}

function rowNamed({ part, rows }: ReportPart, figure: string, arm: string): Row {
  const named = rows.filter(({ name }) => name === figure || name.startsWith(`${figure} / `));
  if (named.length === 0) throw new UnknownFigure(`${part} has no figure "${figure}"`);
  const exact = named.filter((row) => row.arm === arm);
  const found = exact.length > 0 ? exact : named.filter((row) => row.arm.startsWith(arm));
  const [row] = found;
  if (row === undefined || found.length > 1) {
    const arms = named.map((one) => `${one.name}: ${one.arm}`).join('; ');
    throw new UnknownFigure(`${part}, "${figure}" has ${found.length} arms "${arm}" of: ${arms}`);
  }
  return row;
}

/** Of one check its value; of all that begin so `most`, the greatest value, or `verdict`. */
function checkText({ part, checks }: ReportPart, name: string, value: string): string {
  const exact = checks.filter((check) => check.name === name);
  const found: readonly Check[] = exact.length > 0 ? exact : checks.filter((check) => check.name.startsWith(name));
  const [check] = found;
  if (check === undefined) {
    throw new UnknownFigure(`${part} has no check "${name}", but: ${checks.map((one) => one.name).join('; ')}`);
  }
  if (value === 'most') return formatRatio(Math.max(...found.map((one) => one.value)));
  if (value === 'verdict') return found.every(({ ok }) => ok) ? 'met' : '**missed**';
  if (value !== '') throw new UnknownFigure(`a check has no "${value}"`);
  if (found.length > 1) throw new UnknownFigure(`${part} has ${found.length} checks that begin with "${name}"`);
  return formatRatio(check.value);
}

/** Of a row: a percentile with its unit, or the ratio: `ratio`, `range`, `spread` (both) or `percent`. */
export function valueText(row: Row, value: string): string {
  const { ratio, unit } = row;
  switch (value) {
    case 'p50':
    case 'p95':
    case 'p99':
    case 'p999': {
      const found = row[value];
      if (found === undefined) throw new UnknownFigure(`${row.name}, ${row.arm} has no ${value}`);
      return formatFigure(found, unit);
    }
    case 'ratio':
      return formatRatio(ratio.median);
    case 'range':
      return `${formatRatio(ratio.min)} to ${formatRatio(ratio.max)}`;
    case 'spread':
      return `${formatRatio(ratio.median)} (${formatRatio(ratio.min)} to ${formatRatio(ratio.max)})`;
    case 'percent':
      return `${formatRatio(ratio.median * 100)} %`;
    default:
      throw new UnknownFigure(`a figure has no "${value}"`);
  }
}
