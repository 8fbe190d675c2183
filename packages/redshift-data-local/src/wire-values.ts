/** Types whose fields are not texts, by PostgreSQL's OID. */
const LONG: ReadonlySet<number> = new Set([20, 21, 23, 26]);
const DOUBLE: ReadonlySet<number> = new Set([700, 701]);
const BOOLEAN = 16;
const TIMESTAMP = 1114;
const BYTES = 17;

/** A field as JSON, with every digit of a BIGINT. */
export function fieldJson(value: string | null, typeId: number): string {
  if (value === null) return '{"isNull":true}';
  if (LONG.has(typeId)) return `{"longValue":${value}}`;
  if (DOUBLE.has(typeId)) {
    const number = Number(value);
    return `{"doubleValue":${Number.isFinite(number) ? JSON.stringify(number) : JSON.stringify(value)}}`;
  }
  if (typeId === BOOLEAN) return `{"booleanValue":${String(value === 't')}}`;
  return `{"stringValue":${JSON.stringify(fieldText(value, typeId))}}`;
}

/** A field as text: timestamps in the form of java.sql.Timestamp, VARBYTE as hexadecimal digits. */
export function fieldText(value: string, typeId: number): string {
  if (typeId === TIMESTAMP) return value.includes('.') || !/\d$/.test(value) ? value : `${value}.0`;
  if (typeId === BYTES) return value.replace(/^\\x/, '');
  return value;
}

/**
 * A row of CSV. NULL is an empty field, the empty text a quoted one; what holds a quote, a comma or a line break is
 * quoted. What the service does with NULL is not known.
 */
export function csvRow(values: readonly (string | null)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
