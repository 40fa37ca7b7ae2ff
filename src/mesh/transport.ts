import type { MtlsMode } from '../model/tls-config.ts';
import type { Protocol } from './protocol.ts';

/**
 * How a client opens a connection. `mtls` is Istio's own between sidecars, `tunnel` that of ambient (HBONE); `tls` and
 * `mutual` are what a DestinationRule's SIMPLE and MUTUAL make.
 */
export type Sent = 'plaintext' | 'mtls' | 'tunnel' | 'tls' | 'mutual';

/** How the server's side takes connections at one port. `NONE`: no proxy is in the way of the application. */
export interface Door {
  readonly mode: MtlsMode | 'NONE';
  readonly protocol: Protocol;
  /** ztunnel: it ends tunnels, but not the mTLS of sidecars. */
  readonly ambient?: boolean;
  /** Whether the application may serve TLS that this client takes; absent: nothing tells. */
  readonly servesTls?: 'hardly';
}

/** Whether a connection comes about; if not, or not surely, why. */
export type Passage = { readonly outcome: 'works' } | { readonly outcome: 'fails' | 'unknown'; readonly why: string };

const works: Passage = { outcome: 'works' };

/**
 * What becomes of a connection at the server, before any AuthorizationPolicy.
 *
 * @see istio pilot/pkg/networking/core/filterchain_options.go: getFilterChainMatchOptions
 */
export function passage(sent: Sent, door: Door): Passage {
  if (door.protocol === 'auto-banner' && door.mode !== 'NONE') return fails(waitsToDetect);
  switch (sent) {
    case 'plaintext':
      return plaintext(door);
    case 'mtls':
      return mtls(door);
    case 'tunnel':
      return works;
    case 'tls':
    case 'mutual':
      return foreignTls(door);
  }
}

function plaintext({ mode, protocol }: Door): Passage {
  if (mode === 'STRICT') return fails('the server’s proxy takes mTLS only and closes plaintext connections');
  if (mode === 'PERMISSIVE' && protocol === 'banner') {
    return fails(
      'the server speaks first, and a PERMISSIVE proxy waits for the client’s first bytes to see whether they are TLS',
    );
  }
  return works;
}

function mtls({ mode, ambient = false }: Door): Passage {
  if (ambient) return fails('ztunnel ends its own tunnels (HBONE), not the mTLS of a sidecar');
  if (mode === 'NONE') return fails('no proxy ends the mTLS, and the application cannot');
  if (mode === 'DISABLE') return fails('the server’s proxy ends no TLS on this port');
  return works;
}

/**
 * TLS that is not Istio's own reaches only an application that serves TLS itself, and only past a proxy that lets it by.
 * What the application serves no object says: whoever originates TLS declares the port by what the caller's application
 * sends, so one that is called `http` is no word against it.
 */
function foreignTls({ mode, protocol, servesTls }: Door): Passage {
  if (mode === 'STRICT') return fails('the server’s proxy asks for a certificate of the mesh');
  if (mode !== 'NONE' && protocol === 'http')
    return fails('the port is declared HTTP, and the server’s proxy has no place for other TLS there');
  if (protocol.endsWith('banner')) return fails('the server speaks first, where TLS has the client begin');
  if (servesTls === 'hardly' && protocol !== 'tls') return fails(noCertificate);
  const why =
    protocol === 'tls'
      ? 'it depends on the application’s certificate'
      : 'it depends on whether the application serves TLS';
  return { outcome: 'unknown', why };
}

const noCertificate =
  'the rule names no caCertificates, so only a certificate of a public authority will do, and nothing says that the server has one';

export const waitsToDetect =
  'the server speaks first, and a proxy that detects the protocol waits for the client’s first bytes';

function fails(why: string): Passage {
  return { outcome: 'fails', why };
}
