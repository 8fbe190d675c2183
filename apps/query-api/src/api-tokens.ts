import { hash, timingSafeEqual } from 'node:crypto';

/** Who a token stands for. */
export interface Principal {
  readonly tenantId: string;
  readonly userId: string;
  /** Of `user`, `service`, `dba` and `system`. Absent where it makes no difference. */
  readonly role?: string;
  /** The session of a token that was issued; a token of the configuration has none. */
  readonly sessionId?: string;
  /** Database user on a cluster, where it is not the one of the configuration. */
  readonly dbUser?: string;
}

export interface ApiToken {
  readonly sha256: Buffer;
  readonly principal: Principal;
}

/** RFC 6750, section 2.1; short ones could be guessed. */
const TOKEN = /^[A-Za-z0-9._~+/-]{16,512}={0,2}$/;
const HASHED = /^sha256:([0-9a-fA-F]{64})$/;
/** Also what a database user made of it may be; nothing that could leave its quotes or mean two things. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}$/;

/** Reads `<token>=<tenant>/<user>[/<database user>]` entries. A fault names the entry by its place, never by its token. */
export function parseTokens(value: string): { readonly tokens: ApiToken[]; readonly faults: string[] } {
  const tokens: ApiToken[] = [];
  const faults: string[] = [];
  const entries = value.split(/[\s,]+/).filter((entry) => entry.length > 0);
  for (const [index, entry] of entries.entries()) {
    const read = readEntry(entry);
    if (typeof read === 'string') faults.push(`entry ${index + 1} ${read}`);
    else if (tokens.some(({ sha256 }) => sha256.equals(read.sha256))) {
      faults.push(`entry ${index + 1} has the token of an entry before it`);
    } else tokens.push(read);
  }
  if (entries.length === 0) faults.push('must have at least one entry');
  return { tokens, faults };
}

/** The token ends at the last `=`: tokens may hold some, names may not. */
function readEntry(entry: string): ApiToken | string {
  const end = entry.lastIndexOf('=');
  if (end === -1) return 'has no "=" between its token and its owner';
  const token = entry.slice(0, end);
  const names = entry.slice(end + 1).split('/');
  const [tenantId, userId, dbUser] = names;
  if (tenantId === undefined || userId === undefined || names.length > 3) {
    return 'must name its owner as <tenant>/<user> or <tenant>/<user>/<database user>';
  }
  if (!names.every((name) => NAME.test(name))) {
    return 'has an owner with characters other than letters, digits and _ . @ -';
  }
  const hashed = HASHED.exec(token)?.[1];
  if (hashed === undefined && !TOKEN.test(token)) {
    return 'has a token that is shorter than 16 characters or has others than letters, digits and -._~+/';
  }
  return {
    sha256: hashed === undefined ? digest(token) : Buffer.from(hashed, 'hex'),
    principal: { tenantId, userId, ...(dbUser === undefined ? {} : { dbUser }) },
  };
}

/** Takes as long for any token: each entry is compared, hash against hash. */
export function findPrincipal(tokens: readonly ApiToken[], presented: string): Principal | undefined {
  const sha = digest(presented);
  let found: Principal | undefined;
  for (const { sha256, principal } of tokens) {
    if (timingSafeEqual(sha256, sha)) found = principal;
  }
  return found;
}

function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
