import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';

/** Of nobody: made for specs, trusted by nothing, until 2126. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJDqPVllSj4S9xtRV
50hR3+cd8CIQ3NCqkg4Vv4HvRuShRANCAATR5XS11yZbrFjiaVEdZ7eKBW7/QQwH
jQC1lEatc58CEBoIYSk2WG25IkXeabtejn9rj73Qx0NrPlmcaYDFjG7S
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUX+iOnK5K1fzMPPCVUjuW7wSEbFcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE5MjM0MloYDzIxMjYxMTAy
MTkyMzQyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATR5XS11yZbrFjiaVEdZ7eKBW7/QQwHjQC1lEatc58CEBoIYSk2WG25
IkXeabtejn9rj73Qx0NrPlmcaYDFjG7So1MwUTAdBgNVHQ4EFgQUzPKby2ZTAWJk
URzyfdF1MUlmez0wHwYDVR0jBBgwFoAUzPKby2ZTAWJkURzyfdF1MUlmez0wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAoI+xv2Xeo9c4+RSUuSiB
Y9QsaABei4zwoFHxrKyXZ+8CIQDG9xrdg1Qb2YsPb7RC1/vqr1pKoUYghMmSaCUT
CXXH3Q==
-----END CERTIFICATE-----`;

export interface TlsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Shakes hands with a certificate that nobody trusts, as PostgreSQL does (after its own question) or as Redis does. */
export async function startTlsServer(kind: 'postgres' | 'redis'): Promise<TlsServer> {
  const secureContext = createSecureContext({ key: KEY, cert: CERTIFICATE });
  const sockets = new Set<Socket>();
  const secure = (socket: Socket): void => {
    new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => socket.destroy());
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (kind === 'redis') secure(socket);
    else
      socket.once('data', () => {
        socket.write('S');
        secure(socket);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
