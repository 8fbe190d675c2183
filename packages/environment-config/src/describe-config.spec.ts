import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { schema } from './configuration.fixture.ts';
import { configReference, describeConfig, secretsOf } from './describe-config.ts';

const ENV = {
  MOORING_PORT: '9000',
  MOORING_TOKENS: 'canary123=acme/ann, canary456==globex/bob',
  DATABASE_URL: 'postgres://ann:p%40ssword@db/x',
};

describe('describeConfig', () => {
  it('says where each value comes from and redacts secrets', () => {
    const settings = describeConfig(schema, ENV).map(({ variable, source, value }) => [variable, source, value]);
    expect(settings).toEqual([
      ['MOORING_PORT', 'environment', '9000'],
      ['MOORING_MODE', 'default', 'safe'],
      ['MOORING_DEBUG', 'default', 'false'],
      ['MOORING_TOKENS', 'environment', '[secret]'],
      ['DATABASE_URL', 'environment', '[secret]'],
    ]);
    expect(JSON.stringify(describeConfig(schema, ENV))).not.toMatch(/canary|ssword/);
  });

  it('knows what is required', () => {
    const required = describeConfig(schema).filter((setting) => setting.required);
    expect(required.map(({ variable }) => variable)).toEqual(['MOORING_TOKENS']);
  });

  it('refuses a schema that is no object', () => {
    expect(() => describeConfig(z.string().transform(Number))).toThrow(TypeError);
  });
});

describe('secretsOf', () => {
  it('gives secrets whole and in their parts', () => {
    const secrets = secretsOf(schema, ENV);
    for (const part of ['canary123', 'canary456=', 'p%40ssword', 'p@ssword', ENV.DATABASE_URL]) {
      expect(secrets).toContain(part);
    }
    expect(secrets).not.toContain('9000');
  });

  it('leaves out what is too short to be one', () => {
    expect(secretsOf(schema, { MOORING_TOKENS: 'a=b' })).toEqual([]);
  });
});

describe('configReference', () => {
  it('is a table of all variables', () => {
    const lines = configReference(schema).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[2]).toBe('| `MOORING_PORT` | The port to listen on. | a whole number from 0 to 65535 | `8000` |');
    expect(lines[4]).toContain('More in the log \\| slower.');
    expect(lines[5]).toContain('`MOORING_TOKENS` (required) | Who may call. Secret: never printed.');
  });
});
