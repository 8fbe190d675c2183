import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@mooring/environment-config';
import { readConfig } from './config.ts';

const ENV = { DATABASE_URL: 'postgres://ann:hunter22@db/x' };

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig({ ...ENV, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ variable, problem }) => `${variable} ${problem}`);
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('needs a database alone', () => {
    const { config } = readConfig(ENV);
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8001 });
    expect(config).toMatchObject({ cookie: false, allowedOrigins: [], demoUsers: [], firstAdmin: undefined });
    expect(config.passwords).toEqual({
      minLength: 15,
      cost: { memoryKib: 19_456, passes: 2, lanes: 1 },
      atOnce: 2,
      maxWaiting: 64,
    });
    expect(faultsOf({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is required']);
  });

  it('reads the first administrator and demo users', () => {
    const { config } = readConfig({
      ...ENV,
      MOORING_FIRST_ADMIN: 'acme/root@example.com:anchors: aweigh/my boys',
      MOORING_DEMO_USERS: 'test:test@demo/user\nann@x.org:p:a@s/s@acme/dba',
    });
    const admin = {
      tenantId: 'acme',
      username: 'root@example.com',
      password: 'anchors: aweigh/my boys',
      role: 'system',
    };
    expect(config.firstAdmin).toEqual(admin);
    expect(config.demoUsers).toEqual([
      { username: 'test', password: 'test', tenantId: 'demo', role: 'user' },
      { username: 'ann@x.org', password: 'p:a@s/s', tenantId: 'acme', role: 'dba' },
    ]);
  });

  it.each([
    ['a first administrator without a password', { MOORING_FIRST_ADMIN: 'acme/root' }, 'MOORING_FIRST_ADMIN must be'],
    [
      'a first administrator with a weak password',
      { MOORING_FIRST_ADMIN: 'acme/root:short' },
      'MOORING_FIRST_ADMIN has a password that must have at least 15',
    ],
    [
      'a first administrator of no tenant',
      { MOORING_FIRST_ADMIN: 'A B/root:anchors aweigh' },
      'MOORING_FIRST_ADMIN has a tenant',
    ],
    ['a demo user without a role', { MOORING_DEMO_USERS: 'test:test@demo' }, 'MOORING_DEMO_USERS entry 1 must be'],
    [
      'a demo user of no role',
      { MOORING_DEMO_USERS: 'a:b@c/user,a:b@c/root' },
      'MOORING_DEMO_USERS entry 2 must have one',
    ],
    [
      'demo users in production',
      { NODE_ENV: 'production', MOORING_DEMO_USERS: 'a:b@c/user' },
      'MOORING_DEMO_USERS is for',
    ],
    [
      'cheap hashes in production',
      { NODE_ENV: 'production', MOORING_PASSWORD_MEMORY_KIB: '8192' },
      'MOORING_PASSWORD_MEMORY_KIB times',
    ],
    [
      'more lanes than memory',
      { MOORING_PASSWORD_MEMORY_KIB: '64', MOORING_PASSWORD_LANES: '9' },
      'MOORING_PASSWORD_MEMORY_KIB must',
    ],
    [
      'what is no origin',
      { MOORING_AUTH_ALLOWED_ORIGINS: 'https://a.example/path' },
      'MOORING_AUTH_ALLOWED_ORIGINS has an entry',
    ],
    ['any origin', { MOORING_AUTH_ALLOWED_ORIGINS: '*' }, 'MOORING_AUTH_ALLOWED_ORIGINS has an entry'],
    ['too short a password', { MOORING_PASSWORD_MIN_LENGTH: '7' }, 'MOORING_PASSWORD_MIN_LENGTH'],
    ['Redis without its URL', { MOORING_SESSION_STORE: 'redis' }, 'REDIS_URL'],
  ])('refuses %s', (_, change, fault) => {
    expect(faultsOf(change)).toEqual([expect.stringContaining(fault)]);
  });

  it.each(['7168', '12288', '47104'])('takes what OWASP names in production: %s KiB', (memory) => {
    const passes = { '7168': '5', '12288': '3', '47104': '1' }[memory] ?? '';
    const cost = { MOORING_PASSWORD_MEMORY_KIB: memory, MOORING_PASSWORD_PASSES: passes };
    expect(faultsOf({ NODE_ENV: 'production', ...cost })).toEqual([]);
  });

  it('knows what no log may hold', () => {
    const { secrets } = readConfig({
      ...ENV,
      MOORING_FIRST_ADMIN: 'acme/root:anchors aweigh, my boys',
      MOORING_DEMO_USERS: 'demo:longer-one@demo/user,test:test@demo/user',
    });
    expect(secrets).toEqual(expect.arrayContaining(['hunter22', 'anchors aweigh, my boys', 'longer-one']));
    expect(secrets).not.toContain('test');
  });
});
