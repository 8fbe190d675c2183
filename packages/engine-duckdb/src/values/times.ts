const CYCLE_DAYS = 146_097;
const CYCLE_YEARS = 400;
const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const INFINITE_DAYS = 2 ** 31 - 1;
const INFINITE_UNITS = 2n ** 63n - 1n;
/** Days from 0000-01-01 and to 9999-12-31, counted from 1970: years of four digits. */
const FIRST_PLAIN_DAY = -719_528;
const LAST_PLAIN_DAY = 2_932_896;

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

export const MICROS = 1_000_000;
export const NANOS = 1_000_000_000;

/** `2024-02-29`; years outside 0000 to 9999 in six digits and with a sign; `infinity` and `-infinity`. */
export function dateText(days: number): string {
  if (days === INFINITE_DAYS) return 'infinity';
  if (days === -INFINITE_DAYS) return '-infinity';
  return civilDate(days);
}

/** `23:59:59.25`, of a day's part in units of a second's `1 / perSecond`; the end of the day is `24:00:00`. */
export function timeText(units: number, perSecond: number = MICROS): string {
  const seconds = Math.floor(units / perSecond);
  const minutes = Math.floor(seconds / 60);
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  const fraction = units % perSecond;
  if (fraction === 0) return clock;
  const digits = String(perSecond + fraction).slice(1);
  return `${clock}.${digits.replace(/0+$/, '')}`;
}

/** `2024-02-29T23:59:59.25`, of units since 1970. */
export function timestampText(units: bigint | number, perSecond: number = MICROS): string {
  if (units === INFINITE_UNITS) return 'infinity';
  if (units === -INFINITE_UNITS) return '-infinity';
  const perDay = DAY_SECONDS * perSecond;
  const { days, rest } = splitDays(units, perDay);
  return `${civilDate(days)}T${timeText(rest, perSecond)}`;
}

export function instantText(micros: bigint | number): string {
  const text = timestampText(micros);
  return text.endsWith('infinity') ? text : `${text}Z`;
}

/** `+02:00`, with seconds where there are some. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const minutes = `${twoDigits(Math.floor(size / 3600))}:${twoDigits(Math.floor(size / 60) % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${minutes}${size % 60 === 0 ? '' : `:${twoDigits(size % 60)}`}`;
}

/** A day's part is exact as a number, in nanoseconds too; the units need not be. */
function splitDays(units: bigint | number, perDay: number): { readonly days: number; readonly rest: number } {
  const plain = Number(units);
  if (Number.isSafeInteger(plain)) {
    const days = Math.floor(plain / perDay);
    return { days, rest: plain - days * perDay };
  }
  const exact = BigInt(units);
  const rest = Number(((exact % BigInt(perDay)) + BigInt(perDay)) % BigInt(perDay));
  return { days: Number((exact - BigInt(rest)) / BigInt(perDay)), rest };
}

/** Of the rows of a result, many have the day of the row before. */
let lastDay = { days: 0, text: '1970-01-01' };

function civilDate(days: number): string {
  if (lastDay.days !== days) lastDay = { days, text: civilDateOf(days) };
  return lastDay.text;
}

/** The calendar repeats every 400 years, which brings any day into the range of `Date`. */
function civilDateOf(days: number): string {
  if (days >= FIRST_PLAIN_DAY && days <= LAST_PLAIN_DAY) return new Date(days * DAY_MS).toISOString().slice(0, 10);
  const cycles = Math.floor(days / CYCLE_DAYS);
  const date = new Date((days - cycles * CYCLE_DAYS) * DAY_MS);
  const year = date.getUTCFullYear() + cycles * CYCLE_YEARS;
  const size = String(Math.abs(year)).padStart(6, '0');
  return `${year < 0 ? '-' : '+'}${size}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
}

function twoDigits(value: number): string {
  return TWO_DIGITS[value]!;
}
