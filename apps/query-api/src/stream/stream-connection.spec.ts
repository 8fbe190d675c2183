import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { StreamConnection } from './stream-connection.ts';
import type { StreamConnectionParts } from './stream-connection.ts';
import { StreamPlaces } from './stream-places.ts';
import type { StreamPlace } from './stream-places.ts';

const MESSAGE_BYTES = 500_000;
const MESSAGES = 80;

let server: WebSocketServer;
let socket: WebSocket | undefined;
let connection: StreamConnection | undefined;
afterEach(() => {
  connection?.close(1001, '');
  socket?.terminate();
  server.close();
});

describe('a connection whose store is slow', () => {
  it('does not read on meanwhile', async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    let answer!: (value: { ok: false; reason: 'invalid' }) => void;
    const verified = new Promise<{ ok: false; reason: 'invalid' }>((resolve) => (answer = resolve));
    const parts = { tokens: { verify: () => verified } } as unknown as StreamConnectionParts;
    const accepted = new Promise<() => { readonly paused: boolean; readonly bytes: number }>((resolve) => {
      server.on('connection', (webSocket, request) => {
        connection = new StreamConnection(webSocket, parts, new StreamPlaces(4).take() as StreamPlace);
        resolve(() => ({ paused: webSocket.isPaused, bytes: request.socket.bytesRead }));
      });
    });
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    socket = client;
    const look = await accepted;
    await new Promise((resolve) => client.on('open', resolve));
    client.send(JSON.stringify({ type: 'authenticate', token: 'x' }));
    for (let index = 0; index < MESSAGES; index += 1) client.send('x'.repeat(MESSAGE_BYTES));
    const total = MESSAGES * MESSAGE_BYTES;
    while (!look().paused && look().bytes < total) await new Promise((resolve) => setImmediate(resolve));
    expect(look().bytes).toBeLessThan(2 * MESSAGE_BYTES);
    const closed = new Promise((resolve) => client.on('close', resolve));
    answer({ ok: false, reason: 'invalid' });
    expect(await closed).toBe(4401);
  });
});
