const TIMESTAMP = /^(\d{4,})(-\d\d-\d\d)(?: ([\d:.]+)([+-][\d:]+)?)?( BC)?$/;
const TIME = /^([\d:.]+?)([+-][\d:]+)?$/;

/**
 * A date or timestamp as the warehouse writes it in ISO 8601: `2024-02-29T12:30:00.25Z`. Years outside 0000 to 9999 have a
 * sign and six digits; `infinity` stays as it is.
 */
export function isoTimestampOf(text: string): string {
  const [found, year = '', day, time, offset, era] = TIMESTAMP.exec(text) ?? [];
  if (found === undefined) return text;
  const date = `${yearText(era === undefined ? Number(year) : 1 - Number(year))}${day}`;
  return time === undefined ? date : `${date}T${secondsText(time)}${offsetText(offset)}`;
}

/** `12:30:00.25`, `12:30:00+02:00` */
export function isoTimeOf(text: string): string {
  const [found, time = '', offset] = TIME.exec(text) ?? [];
  if (found === undefined) return text;
  const zone = offset === undefined ? '' : offsetText(offset);
  return secondsText(time) + (zone === 'Z' ? '+00:00' : zone);
}

function secondsText(time: string): string {
  return time.includes('.') ? time.replace(/\.?0+$/, '') : time;
}

function offsetText(offset = ''): string {
  if (offset === '') return '';
  if (/^[+-]00(?::00)*$/.test(offset)) return 'Z';
  return offset.includes(':') ? offset : `${offset}:00`;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}
