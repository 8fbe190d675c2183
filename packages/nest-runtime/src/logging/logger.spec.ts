import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import type { LoggerOptions } from './logger.ts';

function lineOf(fields: object, options: Partial<LoggerOptions>): string {
  let written = '';
  createLogger({
    name: 'x',
    fields: ['a', 'b', 'tok_3'],
    destination: { write: (line) => void (written += line) },
    ...options,
  }).info(fields, 'said');
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

  it('has only fields that are listed: of others, their names', () => {
    const line = lineOf({ a: 1, headers: { cookie: 'canary' }, sql: 'canary', status: 200 }, {});
    expect(JSON.parse(line)).toMatchObject({ a: 1, headers: '[not listed]', sql: '[not listed]', status: 200 });
  });

  it('has of an error what is listed, however it is given', () => {
    const error = Object.assign(new Error('it failed'), { code: 'down', query: 'canary', row: ['canary'] });
    for (const given of [error, { error }, { err: error }]) {
      const line = lineOf(given, {});
      expect(line).not.toContain('canary');
    }
    expect(JSON.parse(lineOf(error, {}))).toMatchObject({ error: { code: 'down', message: 'it failed' }, msg: 'said' });
  });
});
