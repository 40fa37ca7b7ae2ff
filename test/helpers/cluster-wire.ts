import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ClusterWriter } from '../../src/model/writer.ts';

type Call = 'read' | 'write' | 'isAllowed' | 'frozen' | 'note';

/** A cluster for processes that a test kills: it lives here, and they write to it over a wire. */
export async function serveCluster(cluster: ClusterWriter): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const [call, ...args] = (await json(request)) as [Call, ...unknown[]];
    const answer = await (cluster[call] as (...all: unknown[]) => Promise<unknown>)(...args);
    response.end(JSON.stringify({ answer }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function wiredWriter(name: string, url: string): ClusterWriter {
  const call =
    (what: Call) =>
    async (...args: unknown[]): Promise<never> => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify([what, ...args]) });
      return ((await response.json()) as { readonly answer: never }).answer;
    };
  return {
    name,
    read: call('read'),
    write: call('write'),
    isAllowed: call('isAllowed'),
    frozen: call('frozen'),
    note: call('note'),
  };
}
