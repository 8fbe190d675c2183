import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below where Linux (32768) and the others (49152) take the ports for outgoing connections and for servers on port 0 from.
const FIRST = 20_000;
const END = 32_000;
const ATTEMPTS = 200;

/** Keeps every other process that asks here from the port, until this one ends: the TCP port stays free for its server. */
async function claim(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return socket.unref();
  } catch {
    socket.close();
    return undefined;
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/**
 * A TCP port of the loopback address for a server of this process or of one that it starts, for as long as this process
 * runs, also while that server is down: nobody who asks here gets it too, and none whom the system gives a port.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, END);
    const claimed = await claim(port);
    if (claimed === undefined) continue;
    if (await canListen(port)) return port;
    claimed.close();
  }
  throw new Error(`no free port between ${FIRST} and ${END} in ${ATTEMPTS} attempts`);
}
