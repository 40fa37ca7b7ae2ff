import type { ServicePort } from '../model/evidence.ts';

/**
 * What Istio takes a port to carry. `auto`: it looks at the first bytes. `tls`: the application's own TLS, passed on
 * as it is. `banner`: TCP where the server speaks first, so whoever waits for the client's first bytes waits forever.
 */
export type Protocol = 'http' | 'tcp' | 'tls' | 'banner' | 'auto' | 'udp';

const byName: Readonly<Record<string, Protocol>> = {
  grpc: 'http',
  'grpc-web': 'http',
  http: 'http',
  http2: 'http',
  http_proxy: 'http',
  'kubernetes.io/h2c': 'http',
  'kubernetes.io/ws': 'http',
  https: 'tls',
  'kubernetes.io/wss': 'tls',
  tls: 'tls',
  mongo: 'tcp',
  mysql: 'banner',
  redis: 'tcp',
  tcp: 'tcp',
  udp: 'udp',
};

/** Never sniffed, even where nothing names their protocol: SMTP, DNS, MySQL, MongoDB. */
const neverSniffed: readonly number[] = [25, 53, 3306, 27017];
/** SMTP and MySQL greet first, whatever the port is called. */
const greeting: readonly number[] = [25, 3306];

/**
 * `appProtocol` decides, else the name's first word, else Istio looks for itself.
 *
 * @see istio pkg/config/kube/conversion.go: ConvertProtocol
 */
export function protocolOf({ name, port, protocol, appProtocol }: Omit<ServicePort, 'targetPort'>): Protocol {
  if (protocol === 'UDP') return 'udp';
  const declared = protocolNamed(appProtocol ?? name ?? '') ?? (neverSniffed.includes(port) ? 'tcp' : 'auto');
  return declared === 'tcp' && greeting.includes(port) ? 'banner' : declared;
}

/** The protocol that a word such as `http-web`, `gRPC` or `MySQL` stands for, if any. */
export function protocolNamed(word: string): Protocol | undefined {
  const lower = word.toLowerCase();
  if (lower.startsWith('grpc-web')) return 'http';
  return byName[lower] ?? byName[lower.split('-')[0] ?? ''];
}
