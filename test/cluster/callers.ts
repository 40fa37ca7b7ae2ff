import type { Manifest, TestCluster } from './cluster.ts';

/** A report, as far as these tests read it. */
export interface Report {
  readonly verdict: string;
  readonly headline: string;
  readonly connections?: readonly { readonly client: { readonly namespace: string; readonly workload: string } }[];
  readonly findings: readonly {
    readonly code: string;
    readonly subject: { readonly name: string };
    readonly message: string;
  }[];
}

/** Calls the server of a namespace once from a workload, and says whether it answered. */
export async function reaches(cluster: TestCluster, namespace: string, name: string, to: string): Promise<boolean> {
  const url = `http://server.${to}/`;
  const call = ['exec', `deploy/${name}`, '-c', 'app', '--', 'node', '/app.mjs', url];
  const said = await cluster.kubectl('-n', namespace, ...call);
  return (JSON.parse(said) as { ok: boolean }[]).every(({ ok }) => ok);
}

/** Asks about a namespace, within the cluster's network. */
export async function ask(cluster: TestCluster, namespace: string, ...options: readonly string[]): Promise<Report> {
  const command = ['node', 'src/cli.ts', 'check', 'mtls', namespace, '-o', 'json', ...options];
  return JSON.parse(await cluster.exec('bash', '-c', `${command.join(' ')} || [ $? -lt 3 ]`)) as Report;
}

/** What was found of one subject. */
export function codesOf({ findings }: Report, name: string): readonly string[] {
  return findings.filter(({ subject }) => subject.name === name).map(({ code }) => code);
}

/** Longer than istiod and the sidecars of this cluster take to follow a change. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4_000));
}

function deployment(namespace: string, name: string, annotations = {}, ports: readonly object[] = []): Manifest {
  const labels = { app: name };
  const containers = [{ name: 'app', image: 'local/echo:1', imagePullPolicy: 'IfNotPresent', ports }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers, terminationGracePeriodSeconds: 1 } },
    },
  };
}

export function pod(namespace: string, name: string, annotations = {}): Manifest {
  return deployment(namespace, name, annotations);
}

export function server(namespace: string): readonly Manifest[] {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  return [
    deployment(namespace, 'server', {}, [{ name: 'http', containerPort: 8080 }]),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'server', namespace },
      spec: { selector: { app: 'server' }, ports },
    },
  ];
}

export function plaintextTo(namespace: string, from: string): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'plaintext', namespace: from },
    spec: {
      host: `server.${namespace}.svc.cluster.local`,
      exportTo: ['.'],
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    },
  };
}

export function demanding(mode: 'STRICT' | 'PERMISSIVE', namespace: string): Manifest {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec: { mtls: { mode } },
  };
}
