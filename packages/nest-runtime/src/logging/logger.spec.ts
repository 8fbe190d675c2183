import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import type { LoggerOptions } from './logger.ts';

function lineOf(fields: object, options: Partial<LoggerOptions>): string {
  let written = '';
  createLogger({ name: 'x', destination: { write: (line) => void (written += line) }, ...options }).info(
    fields,
    'said',
  );
  return written;
}

describe('a line of the log', () => {
  it('has no known secret in it, wherever it stands', () => {
    const line = lineOf({ a: 'of "quoted" here', b: ['sec'] }, { secrets: ['sec', '"quoted"'] });
    expect(JSON.parse(line)).toMatchObject({ a: 'of [redacted] here', b: ['[redacted]'], msg: 'said' });
  });

  it('has nothing of a secret form in it, however often', () => {
    const line = lineOf({ a: 'tok_1 and tok_22', tok_3: 1 }, { secretForms: [/tok_\d+/] });
    expect(JSON.parse(line)).toMatchObject({ a: '[redacted] and [redacted]', '[redacted]': 1 });
  });

  it('has no credentials in it, whoever they belong to', () => {
    const line = lineOf({ a: 'Bearer abc.def', url: 'postgres://ann:hunter2@db/x' }, {});
    expect(JSON.parse(line)).toMatchObject({ a: 'Bearer [redacted]', url: 'postgres://[redacted]@db/x' });
  });
});
