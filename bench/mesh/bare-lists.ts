import type { LiveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { answer } from '../../src/jobs/answer.ts';
import type { Question } from '../../src/model/question.ts';
import type { ResourceType } from '../../src/model/sources.ts';

const pageSize = 500;

/**
 * What an answer costs at the least: the lists that it reads, page by page and all at once, parsed and thrown away.
 * Over the same kind of connections, and without a word of ours about them.
 */
export async function bareLists(cluster: LiveCluster, question: Question): Promise<() => Promise<number>> {
  const paths = await pathsRead(cluster, question);
  const { headers, dispatcher } = await cluster.connection.stream();
  async function download(path: string): Promise<number> {
    let [bytes, next] = [0, ''];
    do {
      const query = `?limit=${pageSize}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
      const { statusCode, body } = await dispatcher.request({
        origin: cluster.connection.server,
        path: `${path}${query}`,
        method: 'GET',
        headers: { ...headers } as Record<string, string | string[]>,
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
      bytes += text.length;
      next = (JSON.parse(text) as { metadata: { continue?: string } }).metadata.continue ?? '';
    } while (next !== '');
    return bytes;
  }
  return async () => (await Promise.all(paths.map(download))).reduce((sum, bytes) => sum + bytes, 0);
}

/** The lists that an answer to this question really reads. */
async function pathsRead(cluster: LiveCluster, question: Question): Promise<readonly string[]> {
  const paths = new Set<string>();
  await answer(question, {
    cluster: {
      ...cluster,
      async list(resource, options, project) {
        const found = await cluster.list(resource, options, project);
        if (options.labelSelector === undefined) paths.add(pathOf(resource, options.namespace));
        return found;
      },
    },
  });
  return [...paths];
}

function pathOf(
  { group, versions: [version], plural, namespaced }: ResourceType,
  namespace: string | undefined,
): string {
  const place = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${group === '' ? '/api' : `/apis/${group}`}/${version}${place}/${plural}`;
}
