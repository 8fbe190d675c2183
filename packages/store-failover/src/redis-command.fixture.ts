import { connect } from 'node:net';

/** Runs one command on a Redis, past all drivers, and answers the first line of its reply. */
export function redisCommand(url: string, ...words: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      const [line = ''] = reply.toString().split('\r\n');
      if (line.startsWith('-')) reject(new Error(line));
      else resolve(line.slice(1));
    });
    socket.write(`${words.join(' ')}\r\n`);
  });
}
