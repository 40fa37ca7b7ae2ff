import type { ServicePort } from '../model/workload.ts';

/**
 * What Istio takes a port to carry. `auto`: it looks at the first bytes. `tls`: the application's own TLS, passed on
 * as it is. `banner` and `auto-banner`: TCP, declared or not, where the server speaks first, so that whoever waits for
 * the client's first bytes waits forever.
 */
export type Protocol = 'http' | 'tcp' | 'tls' | 'banner' | 'auto' | 'auto-banner' | 'udp';

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
const greetingPorts: readonly number[] = [25, 3306];
/** Protocols where the server greets. Istio knows but MySQL by name; the name still tells what to expect. */
const greetings: readonly string[] = ['ftp', 'imap', 'mariadb', 'mysql', 'pop3', 'smtp', 'ssh'];
const greeting: { readonly [P in Protocol]?: Protocol } = { tcp: 'banner', auto: 'auto-banner' };

/**
 * `appProtocol` decides, else the name's first word, else Istio looks for itself.
 *
 * @see istio pkg/config/kube/conversion.go: ConvertProtocol
 */
export function protocolOf({ name = '', port, protocol, appProtocol }: Omit<ServicePort, 'targetPort'>): Protocol {
  if (protocol === 'UDP') return 'udp';
  const declared = protocolNamed(appProtocol ?? name) ?? (neverSniffed.includes(port) ? 'tcp' : 'auto');
  const greets = greetingPorts.includes(port) || name.split('-').some((word) => greetings.includes(word.toLowerCase()));
  return (greets && greeting[declared]) || declared;
}

/** The protocol that a word such as `http-web`, `gRPC` or `MySQL` stands for, if any. */
export function protocolNamed(word: string): Protocol | undefined {
  const lower = word.toLowerCase();
  if (lower.startsWith('grpc-web')) return 'http';
  return byName[lower] ?? byName[lower.split('-')[0] ?? ''];
}
