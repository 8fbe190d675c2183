import { isIP } from 'node:net';
import type { ClientDetails } from '@mooring/auth-tokens';
import type { FastifyRequest } from 'fastify';

/** Where a request is from; an address that is none, which only a proxy can have let through, is left out. */
export function clientOf({ ip, headers }: FastifyRequest): ClientDetails {
  const { 'user-agent': userAgent } = headers;
  return { ...(isIP(ip) === 0 ? {} : { address: ip }), ...(userAgent === undefined ? {} : { userAgent }) };
}
