import type { IncomingMessage } from 'node:http';
import { TrustedProxies, addressKey } from '@mooring/auth-tokens';

/** Names that the HTTP side knows for networks. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** What a connection counts under before it says who it is: the client's address, past trusted proxies. */
export class StreamAddress {
  private readonly proxies: TrustedProxies;

  constructor(trustProxy: string | boolean) {
    const names = typeof trustProxy === 'string' ? trustProxy.split(',').map((name) => name.trim()) : [];
    this.proxies = new TrustedProxies(names.flatMap((name) => NETWORKS[name] ?? [name]));
  }

  of({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    const forwardedFor = headers['x-forwarded-for'];
    const text = Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor;
    return addressKey(this.proxies.clientOf(socket.remoteAddress, text));
  }
}
