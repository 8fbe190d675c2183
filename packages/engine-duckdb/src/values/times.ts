const CYCLE_DAYS = 146_097;
const CYCLE_YEARS = 400;
const DAY_MS = 86_400_000;
const MICROS = 1_000_000n;
const DAY_SECONDS = 86_400n;
const INFINITE_DAYS = 2 ** 31 - 1;
const INFINITE_UNITS = 2n ** 63n - 1n;

/** `2024-02-29`; years outside 0000 to 9999 in six digits and with a sign; `infinity` and `-infinity`. */
export function dateText(days: number): string {
  if (days === INFINITE_DAYS) return 'infinity';
  if (days === -INFINITE_DAYS) return '-infinity';
  return civilDate(days);
}

/** `23:59:59.25`, of a day's part in units of a second's `1 / perSecond`; the end of the day is `24:00:00`. */
export function timeText(units: bigint, perSecond: bigint = MICROS): string {
  const seconds = Number(units / perSecond);
  const hours = twoDigits(Math.floor(seconds / 3600));
  const clock = `${hours}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
  const fraction = units % perSecond;
  if (fraction === 0n) return clock;
  const digits = String(perSecond).length - 1;
  return `${clock}.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** `2024-02-29T23:59:59.25`, of units since 1970. */
export function timestampText(units: bigint, perSecond: bigint = MICROS): string {
  if (units === INFINITE_UNITS) return 'infinity';
  if (units === -INFINITE_UNITS) return '-infinity';
  const perDay = perSecond * DAY_SECONDS;
  let days = units / perDay;
  let rest = units % perDay;
  if (rest < 0n) {
    days -= 1n;
    rest += perDay;
  }
  return `${civilDate(Number(days))}T${timeText(rest, perSecond)}`;
}

export function instantText(micros: bigint): string {
  const text = timestampText(micros);
  return text.endsWith('infinity') ? text : `${text}Z`;
}

/** `+02:00`, with seconds where there are some. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const minutes = `${twoDigits(Math.floor(size / 3600))}:${twoDigits(Math.floor(size / 60) % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${minutes}${size % 60 === 0 ? '' : `:${twoDigits(size % 60)}`}`;
}

/** The calendar repeats every 400 years, which brings any day into the range of `Date`. */
function civilDate(days: number): string {
  const cycles = Math.floor(days / CYCLE_DAYS);
  const date = new Date((days - cycles * CYCLE_DAYS) * DAY_MS);
  const year = date.getUTCFullYear() + cycles * CYCLE_YEARS;
  return `${yearText(year)}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
