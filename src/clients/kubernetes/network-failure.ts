import { redact } from '../../model/redact.ts';
import { SourceError } from '../../model/sources.ts';
import { isMap, textOf } from './values.ts';

const unknownAuthority = 'its certificate is signed by an authority that I do not know';
const authorityNext = 'Put the CA of the cluster into the kubeconfig (certificate-authority-data), or log in again.';
const clientNext = 'Log in again, or choose another context.';
const reachNext =
  'Check that the cluster runs, that its address is right, and that no firewall or VPN stands in between.';

const reasons: Readonly<Record<string, readonly [why: string, next?: string]>> = {
  ECONNREFUSED: ['connection refused'],
  ECONNRESET: ['it broke the connection off'],
  EPIPE: ['it broke the connection off'],
  UND_ERR_SOCKET: ['it broke the connection off'],
  ENOTFOUND: ['its name was not found'],
  EAI_AGAIN: ['its name could not be looked up'],
  EHOSTUNREACH: ['there is no route to it'],
  ENETUNREACH: ['there is no route to it'],
  EPROTO: ['it does not speak TLS there', 'Check the address: is it https, and is the port right?'],
  HPE_INVALID_CONSTANT: ['it does not speak HTTP there', 'Check the address: is it https, and is the port right?'],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew the certificate of the API server.'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Check the clocks on both sides.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [unknownAuthority, authorityNext],
  SELF_SIGNED_CERT_IN_CHAIN: [unknownAuthority, authorityNext],
  UNABLE_TO_GET_ISSUER_CERT: [unknownAuthority, authorityNext],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [unknownAuthority, authorityNext],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [unknownAuthority, authorityNext],
  CERT_SIGNATURE_FAILURE: [unknownAuthority, authorityNext],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another name',
    'Check the address, or set tls-server-name in the kubeconfig.',
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['it asks for a client certificate', clientNext],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['it refused my client certificate', clientNext],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['it refused my client certificate', clientNext],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'it does not speak TLS there',
    'Check the address: is it https, and is the port right?',
  ],
  ERR_OSSL_PEM_NO_START_LINE: ['my certificate or key is not PEM', clientNext],
  UND_ERR_ABORTED: [
    'the proxy in between refused the connection',
    'Check HTTPS_PROXY, NO_PROXY and proxy-url in the kubeconfig.',
  ],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['its answer was too large to take'],
};

/** A connection that failed before there was an answer, in words. */
export function networkFailure(error: unknown, server: string): SourceError {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new SourceError('timeout', `${server} did not take a connection within 5 s.`, {
      next: reachNext,
      cause: error,
    });
  }
  const [why, next = reachNext] = reasons[code] ?? [code === '' ? plain(error) : code];
  return new SourceError('unreachable', `I cannot reach ${server}: ${why}.`, { next, cause: error });
}

/** A connection that an idle server or a restart broke: asking again is safe for a read. */
export function isBrokenConnection(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error));
}

const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** Whether a request failed while there was no connection yet that could have carried it. */
export function isNeverSent(error: unknown): boolean {
  return neverSent.includes(codeOf(error));
}

/** The innermost code: fetch-like errors wrap the one that says why, and several addresses give several errors. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const inner = codeOf(error.cause) || (error instanceof AggregateError ? codeOf(error.errors[0]) : '');
  return inner || (isMap(error) && textOf(error.code)) || '';
}

function plain(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error)).slice(0, 200);
}
