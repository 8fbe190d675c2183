import type { StatementStatus } from './data-api.ts';

const STATUSES: ReadonlySet<unknown> = new Set<StatementStatus>([
  'SUBMITTED',
  'PICKED',
  'STARTED',
  'FINISHED',
  'ABORTED',
  'FAILED',
]);

/**
 * What the SDK passes on as it came: members are of any type whatever its own types say. An answer without the id that it
 * is about says nothing; a status that is not known is none in which a statement has ended.
 */
export function idOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError('The Data API answered without an id.');
  return value;
}

export function statusOf(value: unknown): StatementStatus {
  return STATUSES.has(value) ? (value as StatementStatus) : 'STARTED';
}

export function flagOf(value: unknown): boolean {
  return value === true;
}

/** A member by this name, when it is a text that is not empty. */
export function textMember<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as Record<Name, string>) : {};
}

/** A member by this name, when it is a number. The service writes -1 for one that it does not know. */
export function numberMember<Name extends string>(name: Name, value: unknown): Partial<Record<Name, number>> {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
    ? ({ [name]: value } as Record<Name, number>)
    : {};
}
