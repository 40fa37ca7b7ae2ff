import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import { UsageError } from '../../model/sources.ts';
import { type Access, accessFromKubeconfig } from './kubeconfig.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AccessOptions {
  /** One or several files, apart by `:` as in KUBECONFIG. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * How to reach the cluster: the kubeconfig that is named, else that of KUBECONFIG, else `~/.kube/config`, else the
 * service account of the pod we run in.
 *
 * @throws UsageError where there is none, or it cannot be understood.
 */
export function findAccess({ kubeconfig, context }: AccessOptions, env: Environment): Access {
  if (kubeconfig !== undefined) return accessFromKubeconfig(split(kubeconfig), context);
  if (env.KUBECONFIG) return accessFromKubeconfig(existing(split(env.KUBECONFIG)), context);
  const usual = path.join(env.HOME ?? '', '.kube', 'config');
  if (env.HOME && existsSync(usual)) return accessFromKubeconfig([usual], context);
  if (env.KUBERNETES_SERVICE_HOST && existsSync(`${serviceAccount}/token`)) return inCluster(env, context);
  throw new UsageError(
    'I found no cluster to ask: KUBECONFIG is not set, there is no ~/.kube/config, and I do not run in a pod. Name a kubeconfig with --kubeconfig, or YAML files with --files.',
  );
}

function split(list: string): readonly string[] {
  return list.split(path.delimiter).filter((file) => file !== '');
}

/** KUBECONFIG may name files that are not there (yet), but not only such. */
function existing(files: readonly string[]): readonly string[] {
  const there = files.filter((file) => existsSync(file));
  if (there.length > 0) return there;
  throw new UsageError(
    `KUBECONFIG names ${files.join(' and ')}, which does not exist. Set it to your kubeconfig, or use --kubeconfig.`,
  );
}

function inCluster(env: Environment, context: string | undefined): Access {
  if (context !== undefined) {
    throw new UsageError(
      `There is no context ${context}: I use the service account of my pod, not a kubeconfig. Leave --context out.`,
    );
  }
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
    ca: { file: `${serviceAccount}/ca.crt` },
    insecure: false,
    user: { token: { file: `${serviceAccount}/token` } },
  };
}
