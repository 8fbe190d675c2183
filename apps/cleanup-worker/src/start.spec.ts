import { describe, expect, it } from '@jest/globals';
import { runOnce } from './command/run-once.ts';
import { serve } from './serve.ts';

const AWAY = {
  DATABASE_URL: 'postgres://ann:hunter22@127.0.0.1:9/x',
  REDIS_URL: 'redis://:hunter22@127.0.0.1:9',
  MOORING_LOG_LEVEL: 'silent',
};
const FAULTS = { name: 'ConfigError', faults: [{ variable: 'DATABASE_URL' }, { variable: 'REDIS_URL' }] };

describe('a start without what it needs', () => {
  it('says all that is away at once, as a service and as a command, and no password', async () => {
    const serving = serve({ ...AWAY, MOORING_PORT: '0' }, { handleSignals: false });
    await expect(serving).rejects.toMatchObject(FAULTS);
    await expect(serving).rejects.not.toThrow(/hunter22/);
    const options = { tasks: [], dryRun: false, terminal: process.stderr, signal: new AbortController().signal };
    await expect(runOnce(options, AWAY)).rejects.toMatchObject(FAULTS);
  });
});
