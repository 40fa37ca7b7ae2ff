import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAnswer } from '../../src/clients/kubernetes/answer.ts';
import type { LiveCluster } from '../../src/clients/kubernetes/live-cluster.ts';

/** Writes to the API server: meshbot itself never does. */
export interface Writer {
  create(path: string, object: object): Promise<{ readonly uid?: string }>;
  patch(path: string, change: object): Promise<void>;
  /** Deletes a namespace with all that is in it, and waits until it is gone. */
  remove(namespace: string): Promise<void>;
}

const removeTimeoutMs = 300_000;

export function writerFor({ connection }: LiveCluster): Writer {
  async function send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<ApiAnswer> {
    const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
    const answer = await connection.request({ method, path, headers, timeoutMs: 60_000, ...(body && { body }) });
    if (answer.status < 300 || (method === 'DELETE' && [404, 409].includes(answer.status))) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`);
  }
  return {
    async create(path, object) {
      const { body } = await send('POST', path, object);
      return (body as { metadata: { uid?: string } }).metadata;
    },
    async patch(path, change) {
      await send('PATCH', path, change);
    },
    async remove(namespace) {
      const path = `/api/v1/namespaces/${namespace}`;
      const end = performance.now() + removeTimeoutMs;
      while ((await send('DELETE', path)).status !== 404) {
        if (performance.now() > end)
          throw new Error(`Namespace ${namespace} is still there. Delete it: kubectl delete namespace ${namespace}`);
        await sleep(1_000);
      }
    },
  };
}
