import type { StoreError } from '@mooring/session-store';
import type { ServerPlace } from './server-place.ts';

/** What adapters leave of the cause of a failure. */
interface Cause {
  readonly systemCode?: string;
  readonly sqlState?: string;
  readonly reply?: string;
  readonly tls?: boolean;
}

type Explanation = (server: ServerPlace) => readonly [problem: string, remedy: string];

const UNKNOWN_HOST: Explanation = ({ place, variable }) => [
  `there is no host of this name: ${place}`,
  `correct the host in ${variable}, or look at DNS`,
];
const UNREACHABLE: Explanation = ({ place, variable }) => [
  `${place} does not answer`,
  `let this machine through to it (firewall, security group, network policy), or correct ${variable}`,
];

const NO_TLS: Explanation = ({ place, variable }) => [
  `no TLS with ${place}: its certificate is not trusted, or it speaks without TLS`,
  `have NODE_EXTRA_CA_CERTS name the authority of its certificate, or correct ${variable}`,
];

const BY_SYSTEM_CODE: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  ECONNREFUSED: ({ place, variable }) => [
    `nothing listens at ${place}`,
    `start the server, or correct host and port in ${variable}`,
  ],
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
};

const BY_ANSWER: Readonly<Record<string, Explanation>> = {
  '28P01': ({ place, variable }) => [`${place} refuses the password`, `correct user and password in ${variable}`],
  '28000': ({ place, variable }) => [
    `${place} refuses the user, this address, or a connection without TLS`,
    `let the user in (pg_hba.conf), add sslmode=verify-full to ${variable}, or correct the user in it`,
  ],
  '3D000': ({ place, variable }) => [
    `there is no such database: ${place}`,
    `create it (createdb), or correct the name in ${variable}`,
  ],
  '42501': ({ place }) => [
    `${place} does not let the user do what is needed`,
    'give the user the rights on the schema and the tables that docs/adapters/postgres.md lists',
  ],
  '53300': ({ place }) => [
    `${place} has no connection left`,
    'lower MOORING_DATABASE_POOL_SIZE of the services, or raise max_connections',
  ],
  NOAUTH: ({ place }) => [`${place} wants a password`, 'set REDIS_PASSWORD'],
  WRONGPASS: ({ place }) => [
    `${place} refuses the user or the password`,
    'correct REDIS_PASSWORD, or MOORING_REDIS_USERNAME',
  ],
  NOPERM: ({ place }) => [
    `${place} does not let the user do what is needed`,
    'give the user the commands that docs/adapters/redis.md lists',
  ],
};

/** What is wrong, and how to mend it, for whoever runs the services: no password, no statement. */
export interface StoreTrouble {
  readonly problem: string;
  /** To be put after a full stop or a colon: it begins with a small letter and has no full stop. */
  readonly remedy: string;
}

/** What the failure of a store at this place means for an operator. */
export function explainStoreError(error: StoreError, server: ServerPlace): StoreTrouble {
  const { systemCode = '', sqlState = '', reply = '', tls = false } = (error.cause ?? {}) as Cause;
  const { place, variable } = server;
  const known = BY_ANSWER[sqlState] ?? BY_ANSWER[reply] ?? BY_SYSTEM_CODE[systemCode];
  const [problem, remedy] =
    known?.(server) ??
    (tls
      ? NO_TLS(server)
      : error.code === 'timeout'
        ? UNREACHABLE(server)
        : [`${place}: ${messageOf(error)}`, `mend that, or correct ${variable}`]);
  return { problem, remedy };
}

/** Without the backend and the operation, which begin it. */
function messageOf({ message, backend, operation }: StoreError): string {
  const start = `${backend} ${operation}: `;
  return message.startsWith(start) ? message.slice(start.length) : message;
}
