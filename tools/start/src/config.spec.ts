import { describe, expect, it } from '@jest/globals';
import { describeOptions, readConfig } from './config.ts';

describe('readConfig', () => {
  it('has defaults for everything, with the folder in the clone', () => {
    const config = readConfig([], {}, '/elsewhere');
    expect(config).toMatchObject({
      port: 8000,
      authPort: 8001,
      workerPort: 8002,
      warehousePort: 8003,
      postgresPort: 0,
      connectDelayMs: 250,
      flights: 3_000_000,
      warehouse: true,
    });
    expect(config).toHaveProperty('dataDir', expect.stringMatching(/\.mooring\/start$/));
    expect(config).not.toHaveProperty('dataDir', expect.stringContaining('/elsewhere'));
  });

  it('takes options before variables', () => {
    const env = { MOORING_START_PORT: '9000', MOORING_START_CONNECT_DELAY_MS: '5' };
    expect(readConfig(['--port', '9001', '--data-dir', 'state'], env, '/home/ann')).toMatchObject({
      port: 9001,
      connectDelayMs: 5,
      dataDir: '/home/ann/state',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig([], { MOORING_START_PORT: ' ' })).toMatchObject({ port: 8000 });
  });

  it("goes without a warehouse where that is said, and then its port is nobody else's business", () => {
    expect(readConfig(['--no-warehouse', '--port', '8003'], {})).toMatchObject({ warehouse: false, port: 8003 });
    const set = (value: string): unknown => readConfig([], { MOORING_START_NO_WAREHOUSE: value });
    expect(set('true')).toMatchObject({ warehouse: false });
    expect(set('false')).toMatchObject({ warehouse: true });
    expect(() => set('yes')).toThrow(/MOORING_START_NO_WAREHOUSE must be true or false, not "yes"/);
  });

  it('names every fault and where it came from', () => {
    const read = (): unknown =>
      readConfig(['--port', '70000', '--flights', 'many'], { MOORING_START_WAREHOUSE_PORT: '-1' });
    expect(read).toThrow(/--port must .*"70000"; MOORING_START_WAREHOUSE_PORT must .*"-1"; --flights must .*"many"/);
    expect(read).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it.each([
    [['--prot', '1'], /--prot/],
    [['8000'], /8000/],
    [['--port', '8003'], /ports must differ/],
    [['--data-dir', ''], /must name a folder/],
  ])('refuses %j', (args, message) => {
    expect(() => readConfig(args, {})).toThrow(message);
  });

  it('describes every option with its variable', () => {
    expect(readConfig(['--help', '--port', '9'], {})).toBe('help');
    expect(describeOptions()).toMatch(/--warehouse-port <port> .*MOORING_START_WAREHOUSE_PORT/);
  });
});
