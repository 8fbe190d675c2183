import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';

/**
 * Who calls, by the access key of the signature. Each access key is an account's role of its own here, so statements and
 * sessions of one are not there for another.
 */
export interface Principal {
  readonly accessKey: string;
  readonly region: string;
}

const CREDENTIAL = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/redshift-data\/aws4_request/;

export function principalOf(headers: IncomingHttpHeaders, requireSignature: boolean): Principal {
  const found = CREDENTIAL.exec(headers.authorization ?? '');
  if (found !== null) return { accessKey: found[1] ?? '', region: found[2] ?? '' };
  if (!requireSignature) return { accessKey: 'anonymous', region: 'local' };
  throw headers.authorization === undefined
    ? new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403)
    : new ApiError('IncompleteSignatureException', 'The Authorization header is no signature for redshift-data.', 403);
}
