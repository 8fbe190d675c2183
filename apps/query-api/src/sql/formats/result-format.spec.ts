import { describe, expect, it } from '@jest/globals';
import { formatFor } from './result-format.ts';

const typeFor = (accept: string | undefined): string | undefined => {
  const format = formatFor(accept);
  return typeof format === 'object' ? format.contentType : format;
};

describe('formatFor', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['text/*', 'text/csv; charset=utf-8; header=present'],
    ['TEXT/CSV', 'text/csv; charset=utf-8; header=present'],
    ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['text/html, application/vnd.apache.arrow.stream;q=0.9, */*;q=0.1', 'application/vnd.apache.arrow.stream'],
    ['application/json;q=0, */*;q=0.5', 'application/x-ndjson'],
    ['image/png', undefined],
    ['application/json;q=0', undefined],
    ['text/csv;q=2', undefined],
  ])('of %p is %p', (accept, expected) => {
    expect(typeFor(accept)).toBe(expected);
  });
});
