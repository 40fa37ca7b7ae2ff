import type { ProxyCertificates, Validity } from '../model/proxy.ts';
import { configsIn, isJson, type Json, listAt, notUnderstood, parsed, textAt } from './envoy-json.ts';

export const certificatesPath = '/certs';

/**
 * The certificate that the mesh gave to the proxy, and what it trusts. Every TLS context repeats them; contexts of
 * DestinationRules with certificates of their own are left out, for those carry no SPIFFE identity.
 *
 * @throws SourceError
 */
export function meshCertificates(answer: string): ProxyCertificates | undefined {
  const certs = parsed(answer);
  if (!isJson(certs) || !Array.isArray(certs.certificates)) throw notUnderstood(certificatesPath);
  for (const context of listAt(certs, 'certificates')) {
    const [certificate] = listAt(context, 'cert_chain');
    const identity = listAt(certificate, 'subject_alt_names').flatMap(({ uri }) => (isSpiffe(uri) ? [uri] : []))[0];
    const own = certificate && validityOf(certificate);
    if (identity === undefined || own === undefined) continue;
    return { own: { ...own, identity }, roots: listAt(context, 'ca_cert').flatMap((root) => validityOf(root) ?? []) };
  }
  return undefined;
}

function isSpiffe(uri: unknown): uri is string {
  return typeof uri === 'string' && uri.startsWith('spiffe://');
}

function validityOf(certificate: Json): Validity | undefined {
  const [serial, from, until] = ['serial_number', 'valid_from', 'expiration_time'].map((key) =>
    textAt(certificate, key),
  );
  return serial === undefined || from === undefined || until === undefined ? undefined : { serial, from, until };
}

/** `/server_info` has it too, among a hundred kilobytes of extensions. */
export const nodePath = '/config_dump?mask=bootstrap.node.metadata';

/** @throws SourceError */
export function istioVersionIn(answer: string): string | undefined {
  const found = configsIn(answer).map((config) => textAt(config, 'bootstrap', 'node', 'metadata', 'ISTIO_VERSION'));
  return found.find((version) => version !== undefined);
}
