import { describe, expect, it } from '@jest/globals';
import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import { schema } from './configuration.fixture.ts';
import { loadConfig } from './load-config.ts';
import type { Environment, LoadConfigOptions } from './load-config.ts';

const TOKENS = { MOORING_TOKENS: 'canary123=acme' };

function faultsOf(env: Environment, options?: LoadConfigOptions): readonly ConfigFault[] {
  try {
    loadConfig(schema, env, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('makes a typed object of the environment', () => {
    const config = loadConfig(schema, { ...TOKENS, MOORING_PORT: ' 9000', MOORING_DEBUG: 'yes', PATH: '/bin' });
    expect(config).toEqual({ port: 9000, mode: 'safe', debug: true });
  });

  it('takes an empty variable as absent', () => {
    expect(loadConfig(schema, { ...TOKENS, MOORING_PORT: '' }).port).toBe(8000);
    expect(faultsOf({ MOORING_TOKENS: ' ' })).toEqual(faultsOf({}));
    expect(faultsOf({ MOORING_TOKENS: '' })).toMatchObject([{ problem: 'is required' }]);
  });

  it('lists all faults at once, each with its remedy', () => {
    const faults = faultsOf({
      MOORING_PORT: '70000',
      MOORING_MODE: 'quick',
      MOORING_DEBUG: 'maybe',
      DATABASE_URL: 'x',
    });
    expect(faults).toEqual([
      {
        variable: 'MOORING_PORT',
        problem: 'must be a whole number from 0 to 65535, not "70000"',
        remedy: 'It takes a whole number from 0 to 65535; without it, 8000 is used',
      },
      {
        variable: 'MOORING_MODE',
        problem: 'must be one of fast, safe, not "quick"',
        remedy: 'It takes one of fast, safe; without it, safe is used',
      },
      {
        variable: 'MOORING_DEBUG',
        problem: 'must be true or false, not "maybe"',
        remedy: 'It takes true or false; without it, false is used',
      },
      { variable: 'MOORING_TOKENS', problem: 'is required', remedy: 'Set it to entries of token=tenant' },
      {
        variable: 'DATABASE_URL',
        problem: 'must be a URL that starts with postgres:// or postgresql://',
        remedy: 'It takes a URL that starts with postgres:// or postgresql://',
      },
    ]);
  });

  it('checks what variables mean together', () => {
    expect(faultsOf({ ...TOKENS, MOORING_MODE: 'fast' })).toEqual([
      expect.objectContaining({ variable: 'DATABASE_URL', problem: 'is required when MOORING_MODE is fast' }),
    ]);
  });

  it('refuses unknown variables and guesses what was meant', () => {
    expect(faultsOf({ ...TOKENS, MOORING_PROT: '1', MOORING_SOMETHING_ELSE: '1', MOORING_TYPO: '1' })).toEqual([
      {
        variable: 'MOORING_PROT',
        problem: 'is not a variable of this service',
        remedy: 'Did you mean MOORING_PORT? Else remove it',
      },
      { variable: 'MOORING_SOMETHING_ELSE', problem: 'is not a variable of this service', remedy: 'Remove it' },
      { variable: 'MOORING_TYPO', problem: 'is not a variable of this service', remedy: 'Remove it' },
    ]);
    expect(faultsOf({ ...TOKENS, MOORING_TEST_POSTGRES_URL: 'x' }, { foreign: ['MOORING_TEST_'] })).toEqual([]);
  });

  it.each(['1e3', '0x10', '1.5', '-1', '12 34', '99999999999999999999'])('does not take %p for a port', (port) => {
    expect(faultsOf({ ...TOKENS, MOORING_PORT: port })).toHaveLength(1);
  });

  it('never repeats a secret', () => {
    const url = 'mysql://ann:hunter22@db/x';
    const faults = faultsOf({ MOORING_TOKENS: 'canary123!', DATABASE_URL: url });
    expect(faults).toHaveLength(2);
    expect(new ConfigError(faults).message).not.toMatch(/canary123|hunter22/);
  });

  it('reads as a list', () => {
    expect(new ConfigError(faultsOf({})).message).toBe(
      'The configuration has a fault:\n  MOORING_TOKENS: is required. Set it to entries of token=tenant',
    );
  });
});
