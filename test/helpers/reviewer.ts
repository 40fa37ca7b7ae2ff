import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after } from 'node:test';
import type { LiveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { clientOf, discovery } from '../clients/kubernetes/api-server.ts';

/** What a review asks about. */
export interface Asked {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface Reviewer {
  readonly cluster: LiveCluster;
  readonly asked: Asked[];
}

/** An API server that is asked who may do what, and has nothing else. `groups`: the APIs that it serves. */
export async function startReviewer(
  mayI: (asked: Asked) => boolean,
  groups: Parameters<typeof discovery>[0] = {},
): Promise<Reviewer> {
  const asked: Asked[] = [];
  const found = discovery(groups);
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, found.headers);
      return response.end(JSON.stringify(found.body));
    }
    const { spec } = (await json(request)) as { readonly spec?: { readonly resourceAttributes?: Asked } };
    response.writeHead(201, { 'content-type': 'application/json' });
    if (spec?.resourceAttributes === undefined)
      return response.end(
        JSON.stringify({ status: { userInfo: { username: 'system:serviceaccount:meshbot:worker' } } }),
      );
    asked.push(spec.resourceAttributes);
    response.end(JSON.stringify({ status: { allowed: mayI(spec.resourceAttributes) } }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { cluster: await clientOf({ url: `http://127.0.0.1:${port}` }), asked };
}
