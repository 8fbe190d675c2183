import { describe, expect, it } from '@jest/globals';
import { TrustedProxies, addressKey } from './client-address.ts';

describe('A-03: addressKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.1:443', '192.0.2.1'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['[2001:db8::1', 'unknown'],
    ['', 'unknown'],
    ['not an address', 'unknown'],
    ['192.0.2.1, 10.0.0.1', 'unknown'],
    [undefined, 'unknown'],
  ])('%s is counted under %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('TrustedProxies', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);

  it('believe nobody but the proxies that were named', () => {
    expect(proxies.clientOf('203.0.113.5', '198.51.100.1')).toBe('203.0.113.5');
    expect(new TrustedProxies([]).clientOf('10.0.0.1', '198.51.100.1')).toBe('10.0.0.1');
  });

  it('take the last address that is no proxy, whatever a client put before it', () => {
    expect(proxies.clientOf('10.1.2.3', '6.6.6.6, 198.51.100.1')).toBe('198.51.100.1');
    expect(proxies.clientOf('10.1.2.3', '6.6.6.6, 198.51.100.1, 192.0.2.7, 10.9.9.9')).toBe('198.51.100.1');
    expect(proxies.clientOf('::ffff:10.1.2.3', '198.51.100.1')).toBe('198.51.100.1');
    expect(proxies.clientOf('2001:db8::1', '198.51.100.1')).toBe('198.51.100.1');
    expect(proxies.clientOf('10.1.2.3', '198.51.100.1:80, 10.9.9.9:80')).toBe('198.51.100.1:80');
  });

  it('take the proxy itself when it says nothing more', () => {
    expect(proxies.clientOf('10.1.2.3', undefined)).toBe('10.1.2.3');
    expect(proxies.clientOf('10.1.2.3', '')).toBe('10.1.2.3');
    expect(proxies.clientOf(undefined, '198.51.100.1')).toBeUndefined();
    expect(addressKey(proxies.clientOf('10.1.2.3', 'junk'))).toBe('unknown');
  });

  it('are addresses or networks', () => {
    expect(() => new TrustedProxies(['proxy.example.com'])).toThrow(/an address or a network/);
  });
});
