import { SourceError } from '../model/sources.ts';

/** A part of what Envoy's admin interface prints. It leaves out whatever has its default value. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The parts of a `/config_dump`. Envoy prints `{}` where nothing matches.
 *
 * @throws SourceError where it is no dump: that is never taken for an empty one.
 */
export function configsIn(answer: string): readonly Json[] {
  const dump = parsed(answer);
  if (!isJson(dump) || !(dump.configs === undefined || Array.isArray(dump.configs)))
    throw notUnderstood('/config_dump');
  return listAt(dump, 'configs');
}

export function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

export function notUnderstood(path: string): SourceError {
  return new SourceError('invalid', `What the proxy answers to ${path} cannot be understood.`, {
    next: 'Compare its version with those that meshbot is tested with.',
  });
}

/** The value under these keys, if there is one. */
export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((found: unknown, key) => (isJson(found) ? found[key] : undefined), value);
}

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = valueAt(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

/** The mappings in the list under these keys. */
export function listAt(value: unknown, ...keys: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...keys);
  return Array.isArray(found) ? found.filter(isJson) : [];
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a TLS context shows the certificate that the mesh gave to the proxy: the secret `default`. */
export function isMeshTls(socket: unknown): boolean {
  const context = valueAt(socket, 'typed_config', 'common_tls_context');
  return listAt(context, 'tls_certificate_sds_secret_configs').some((secret) => secret.name === 'default');
}

export function isTls(socket: unknown): boolean {
  return textAt(socket, 'name') === 'envoy.transport_sockets.tls';
}
