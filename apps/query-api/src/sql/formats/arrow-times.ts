const TEXT =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/;
const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
/** The calendar repeats after 400 years, which brings any year into the range of `Date`. */
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;
/** As DuckDB has infinity. */
const INFINITE_DAYS = 2 ** 31 - 1;
const INFINITE_UNITS = 2n ** 63n - 1n;

/** Days since 1970 of `2024-02-29`. */
export function daysOf(text: string): number {
  if (text === 'infinity') return INFINITE_DAYS;
  if (text === '-infinity') return -INFINITE_DAYS;
  const [, year, month, day] = partsOf(text);
  return dayNumber(Number(year), Number(month), Number(day));
}

/** Microseconds since 1970 of `2024-02-29T23:59:59.25`, in UTC where no offset stands behind. */
export function microsOf(text: string): bigint {
  return unitsOf(text, 6);
}

/** As `microsOf`, in parts of a second: 0 `digits` for seconds, up to 9 for nanoseconds. @throws RangeError for more digits than that */
export function unitsOf(text: string, digits: number): bigint {
  if (text === 'infinity') return INFINITE_UNITS;
  if (text === '-infinity') return -INFINITE_UNITS;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = '', offset = '0', more = '0'] =
    partsOf(text);
  if (fraction.length > digits) throw new RangeError(`the engine gave a time with more than ${digits} digits`);
  const perSecond = 10 ** digits;
  const days = dayNumber(Number(year), Number(month), Number(day));
  const away = Number(offset) * 60 + (offset.startsWith('-') ? -1 : 1) * Number(more);
  const inDay = Number(hours) * 3600 + (Number(minutes) - away) * 60 + Number(seconds);
  const parts = inDay * perSecond + Number(fraction.padEnd(digits, '0'));
  return BigInt(days) * BigInt(DAY_SECONDS * perSecond) + BigInt(parts);
}

function partsOf(text: string): readonly (string | undefined)[] {
  const parts = TEXT.exec(text);
  if (parts === null) throw new RangeError('the engine gave a time in a form that is not ISO 8601');
  return parts;
}

function dayNumber(year: number, month: number, day: number): number {
  const cycles = Math.floor(year / CYCLE_YEARS);
  const within = Date.UTC(2000 + (year - cycles * CYCLE_YEARS), month - 1, day) / DAY_MS;
  return within + (cycles - 5) * CYCLE_DAYS;
}
