import { randomBytes } from 'node:crypto';

/** Names a write, so that it is known again when its answer was lost. */
export function newStamp(): string {
  return randomBytes(9).toString('base64url');
}
