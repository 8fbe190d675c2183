import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sqlExchange } from './sql-exchange.ts';

const app = Fastify();
let arrived: (exchange: [FastifyRequest, FastifyReply]) => void;
app.get('/', (request, reply) => {
  arrived([request, reply]);
  return new Promise(() => {});
});
afterAll(() => app.close());

it('is cancelled by a client that goes away, also by one that has gone already', async () => {
  await app.listen({ port: 0 });
  const request = new Promise<[FastifyRequest, FastifyReply]>((resolve) => (arrived = resolve));
  const { port } = app.server.address() as { port: number };
  const client = connect(port).end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [incoming, reply] = await request;
  const before = sqlExchange(incoming, reply);
  const closed = once(reply.raw, 'close');
  client.destroy();
  await closed;
  const after = sqlExchange(incoming, reply);
  expect([before.cancellation.aborted, after.cancellation.aborted]).toEqual([true, true]);
});
