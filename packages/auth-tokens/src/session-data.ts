import { createHmac, randomBytes } from 'node:crypto';
import type { SessionData, SessionRecord } from '@mooring/session-store';

/** Who is logged in from where, as a list of own sessions shows it. */
export interface ClientDetails {
  readonly address?: string;
  readonly userAgent?: string;
}

const LONGEST_USER_AGENT = 256;
const LONGEST_ADDRESS = 64;

/** What a session of a token holds. */
export interface TokenData {
  readonly claims: SessionData;
  readonly client: ClientDetails;
  readonly rememberMe: boolean;
  /** Makes successors of verifiers. It is in the store and in no token. */
  readonly seed: string;
}

export function newTokenData(claims: SessionData, client: ClientDetails, rememberMe: boolean): TokenData {
  const { address, userAgent } = client;
  return {
    claims,
    client: {
      ...(address === undefined ? {} : { address: printable(address, LONGEST_ADDRESS) }),
      ...(userAgent === undefined ? {} : { userAgent: printable(userAgent, LONGEST_USER_AGENT) }),
    },
    rememberMe,
    seed: randomBytes(32).toString('base64url'),
  };
}

/** As the session's data. */
export function toSessionData({ claims, client, rememberMe, seed }: TokenData): SessionData {
  return { claims, client: { ...client }, rememberMe, seed };
}

/** The data of a session that a token was issued for, or undefined for another one. */
export function tokenDataOf({ data }: Pick<SessionRecord, 'data'>): TokenData | undefined {
  const { claims, client, rememberMe, seed } = data;
  if (!isObject(claims) || !isObject(client) || typeof rememberMe !== 'boolean' || typeof seed !== 'string') {
    return undefined;
  }
  return { claims, client, rememberMe, seed };
}

/**
 * The verifier after this one. It takes the token's secret and the store's: whoever has only one of them, a stolen token
 * or a copy of the store, can't make it. And it is the same for all that rotate one token at once, so that each of them
 * gets the one successor.
 */
export function successorOf(verifier: string, { seed }: TokenData): string {
  return createHmac('sha256', Buffer.from(seed, 'base64url')).update(verifier).digest('base64url');
}

function isObject(value: unknown): value is SessionData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without control characters and lone surrogates, which lists and logs must not hold: the cut may leave one. */
function printable(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .trim();
}
