import { isNativeError } from 'node:util/types';

/** Also errors of another realm, and Fastify's, which inherit from Error without being made by it. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}
