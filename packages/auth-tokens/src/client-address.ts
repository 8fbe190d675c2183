import ipaddr from 'ipaddr.js';
import { AuthTokenError } from './errors.ts';

/** What addresses that can't be read share: one bucket, rather than none. */
const UNKNOWN = 'unknown';

/** RFC 6052: an IPv4 address that came through a translator is in the last 32 bits. */
const TRANSLATED = ipaddr.IPv6.parse('64:ff9b::');

/**
 * What failures of an address are counted under: an IPv4 address whole, also when it is mapped into IPv6 or came through
 * NAT64; of an IPv6 address its /64, which one host has to itself. A port, which some proxies write, does not count.
 * `unknown` for what is no address.
 */
export function addressKey(address: string | undefined): string {
  const parsed = parse(address);
  if (parsed === undefined) return UNKNOWN;
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  if (parsed.match(TRANSLATED, 96)) return new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:443`. */
function parse(written: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (written === undefined) return undefined;
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(written)?.[1] ?? /^([\d.]+):\d+$/.exec(written)?.[1] ?? written;
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
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
    const parsed = parse(address);
    if (parsed === undefined) return false;
    return this.networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
  }
}
