import ipaddr from 'ipaddr.js';
import { AuthTokenError } from './errors.ts';

/** What addresses that can't be read share: one bucket, rather than none. */
const UNKNOWN = 'unknown';

/**
 * What failures of an address are counted under: an IPv4 address whole, also when it is mapped into IPv6; of an IPv6
 * address its /64, which one host has to itself. `unknown` for what is no address.
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return UNKNOWN;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const network = (parsed as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** Proxies to believe, by address or network (`10.0.0.0/8`). @throws AuthTokenError */
export class TrustedProxies {
  private readonly networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  constructor(addresses: readonly string[]) {
    this.networks = addresses.map((text) => {
      const written = text.trim();
      if (ipaddr.isValidCIDR(written)) return ipaddr.parseCIDR(written);
      if (!ipaddr.isValid(written))
        throw new AuthTokenError('a trusted proxy must be an address or a network like 10.0.0.0/8');
      const address = ipaddr.process(written);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    });
  }

  /**
   * The client's address: of the peer, unless that is a trusted proxy; then the last entry of X-Forwarded-For that is none.
   * What stands further left was written by the client itself.
   */
  clientOf(peer: string | undefined, forwardedFor: string | undefined): string | undefined {
    let client = peer;
    const hops = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
    for (let hop = hops.pop(); hop !== undefined && hop !== '' && this.trusts(client); hop = hops.pop()) client = hop;
    return client;
  }

  private trusts(address: string | undefined): boolean {
    if (address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
  }
}
