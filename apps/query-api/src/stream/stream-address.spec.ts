import { describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { StreamAddress } from './stream-address.ts';

function addressOf(trustProxy: string | false, remoteAddress: string, forwardedFor?: string): string {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return new StreamAddress(trustProxy).of({ headers, socket: { remoteAddress } as Socket });
}

describe('the address that a connection counts under', () => {
  it.each([
    [false, '10.0.0.1', '198.51.100.7', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['192.0.2.1, uniquelocal', '::ffff:10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['loopback', '::1', '2001:db8::1', '2001:db8:0:0::/64'],
    ['10.0.0.0/8', '192.0.2.9', '198.51.100.7', '192.0.2.9'],
    ['10.0.0.0/8', '10.0.0.1', undefined, '10.0.0.1'],
  ] as const)('with proxies %s, of %s for %s, is %s', (trustProxy, peer, forwardedFor, expected) => {
    expect(addressOf(trustProxy, peer, forwardedFor)).toBe(expected);
  });
});
