import type { ColumnOptions, ValueTransformer } from 'typeorm';

/** A bigint as a number; beyond 2^53 it throws rather than rounds. */
const wholeNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: string | null) => {
    if (value === null) return null;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError('a stored number is beyond 2^53');
    return number;
  },
};

export function bigint(name: string): { name: string; type: 'bigint'; transformer: ValueTransformer };
export function bigint(name: string, nullable: 'nullable'): ColumnOptions;
export function bigint(name: string, nullable?: 'nullable'): ColumnOptions {
  return { name, type: 'bigint', transformer: wholeNumber, nullable: nullable !== undefined };
}

export function text(name: string): { name: string; type: 'text' };
export function text(name: string, nullable: 'nullable'): ColumnOptions;
export function text(name: string, nullable?: 'nullable'): ColumnOptions {
  return { name, type: 'text', nullable: nullable !== undefined };
}
