/** As a document says it: `0.15 ms`, `20,296/s`, `727 bytes`. */
export function formatFigure(value: number, unit: string): string {
  if (unit === 'ms' && Math.abs(value) >= 1000) return `${significant(value / 1000)} s`;
  if (unit === 'ms' && Math.abs(value) < 0.1) return `${significant(value * 1000)} µs`;
  if (unit === 'us') return `${significant(value)} µs`;
  if (unit === 'per s' || unit.endsWith('/s')) return `${significant(value)}/s`;
  return `${significant(value)} ${unit}`;
}

/** Two digits after the point, fewer for what is large. */
export function formatRatio(value: number): string {
  if (Math.abs(value) >= 10) return significant(value);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 0.095 ? String(Number(value.toPrecision(2))) : value.toFixed(2);
}

/** Two significant digits, three above ten, whole above a hundred. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return Math.round(value).toLocaleString('en-GB');
  return size >= 10 ? String(Number(value.toPrecision(3))) : value.toPrecision(2);
}
