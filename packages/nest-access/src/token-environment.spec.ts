import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '@mooring/environment-config';
import { z } from 'zod';
import { tokenFaults, tokenOptionsOf, tokenVariables } from './token-environment.ts';

const schema = z
  .object(tokenVariables)
  .superRefine((values, context) => {
    for (const { variable, message } of tokenFaults(values)) {
      context.addIssue({ code: 'custom', path: [variable], message });
    }
  })
  .transform(tokenOptionsOf);

function faults(env: Record<string, string>): string[] {
  try {
    loadConfig(schema, env);
    return [];
  } catch (error) {
    return (error as ConfigError).faults.map(({ variable, problem }) => `${variable} ${problem}`);
  }
}

describe('tokenVariables', () => {
  it('are what tokens are by default', () => {
    expect(loadConfig(schema, {})).toEqual({
      prefix: 'mrg',
      lifetime: { idleTimeoutMs: 1_800_000, lifetimeMs: 43_200_000 },
      rememberMe: { idleTimeoutMs: 2_592_000_000, lifetimeMs: 2_592_000_000 },
      touchIntervalMs: 60_000,
      rotationGraceMs: 10_000,
      onLimit: 'evict-oldest',
    });
  });

  it('can make a plain token of 24 hours, and few sessions', () => {
    const env = {
      MOORING_TOKEN_IDLE_MINUTES: '1440',
      MOORING_TOKEN_LIFETIME_HOURS: '24',
      MOORING_SESSIONS_MAX_PER_USER: '3',
      MOORING_SESSIONS_ON_LIMIT: 'reject',
    };
    expect(loadConfig(schema, env)).toMatchObject({
      lifetime: { idleTimeoutMs: 86_400_000, lifetimeMs: 86_400_000 },
      maxPerSubject: 3,
      onLimit: 'reject',
    });
  });

  it.each([
    [{ MOORING_TOKEN_PREFIX: 'A_B' }, 'MOORING_TOKEN_PREFIX must be 2 to 16 lower-case letters and digits'],
    [
      { MOORING_TOKEN_IDLE_MINUTES: '721' },
      'MOORING_TOKEN_IDLE_MINUTES must not be above MOORING_TOKEN_LIFETIME_HOURS',
    ],
    [
      { MOORING_TOKEN_IDLE_MINUTES: '1', MOORING_TOKEN_TOUCH_SECONDS: '61' },
      'MOORING_TOKEN_TOUCH_SECONDS must not be above MOORING_TOKEN_IDLE_MINUTES: a session in use would end',
    ],
  ])('refuse %j', (env, fault) => {
    expect(faults(env)).toEqual([expect.stringContaining(fault)]);
  });
});
