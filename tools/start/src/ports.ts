import { createServer } from 'node:net';
import { nameSetting, type StartConfig } from './config.ts';
import { StartError } from './errors.ts';

type PortName = 'port' | 'authPort' | 'workerPort' | 'warehousePort' | 'postgresPort';

const SERVES: Record<PortName, string> = {
  port: 'the query API',
  authPort: 'the auth API',
  workerPort: 'the cleanup worker',
  warehousePort: 'the warehouse',
  postgresPort: 'PostgreSQL',
};

/**
 * Finds out before anything starts whether the ports can be had.
 * @throws StartError `port_in_use`, with every port that can't and how to choose another
 */
export async function assertPortsFree(config: Pick<StartConfig, PortName | 'warehouse'>): Promise<void> {
  const faults: string[] = [];
  for (const name of Object.keys(SERVES) as PortName[]) {
    if (config[name] === 0 || (name === 'warehousePort' && !config.warehouse)) continue;
    const reason = await findObstacle(config[name]);
    if (reason === undefined) continue;
    faults.push(
      `Port ${config[name]} for ${SERVES[name]} ${reason}. Free it, or choose another with ${nameSetting(name)}.`,
    );
  }
  if (faults.length > 0) throw new StartError('port_in_use', faults.join('\n'));
}

/** Why this process can't listen on a port of the loopback address. */
function findObstacle(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('is in use by another program');
      else if (error.code === 'EACCES') resolve('is not allowed to this user');
      else resolve(`can't be opened (${error.code ?? error.message})`);
    });
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(undefined)));
  });
}
