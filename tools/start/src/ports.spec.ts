import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { findFreePort } from '@mooring/services';
import { assertPortsFree } from './ports.ts';

describe('assertPortsFree', () => {
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  };
  afterEach(close);

  it('names every port that is taken, what it is for and how to choose another', async () => {
    servers.push(createServer(), createServer());
    const ports = await Promise.all(servers.map(findFreePort));
    await Promise.all(servers.map((server, index) => once(server.listen(ports[index], '127.0.0.1'), 'listening')));
    const [port = 0, warehousePort = 0] = ports;
    const config = { port, authPort: 0, workerPort: 0, warehousePort, postgresPort: 0, warehouse: true };
    const refusal = assertPortsFree(config);
    await expect(refusal).rejects.toMatchObject({ code: 'port_in_use' });
    await expect(refusal).rejects.toThrow(
      new RegExp(`Port ${port} for the query API is in use.*--port or MOORING_START_PORT`),
    );
    await expect(refusal).rejects.toThrow(new RegExp(`Port ${warehousePort} for the warehouse.*--warehouse-port`));
    await expect(assertPortsFree({ ...config, warehouse: false })).rejects.not.toThrow(/for the warehouse/);
    await close();
    await expect(assertPortsFree(config)).resolves.toBeUndefined();
  });
});
