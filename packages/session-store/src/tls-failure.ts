/** Codes of Node.js and OpenSSL. */
const CODES = /^(?:CERT_|ERR_TLS|ERR_SSL|EPROTO$|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/;

/** Whether the code of a failure is that of a TLS handshake: a certificate that is not trusted, or no TLS at all. */
export function isTlsFailure(code: string): boolean {
  return CODES.test(code);
}
