import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { eventually, type Manifest, useCluster } from './cluster.ts';

const cluster = await useCluster();
const tag = 'localhost/meshbot:image-test';

interface Pod {
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly state: { readonly terminated?: { readonly exitCode: number } } }[];
  };
}

describe('the image', { skip: !cluster.ours && 'it is imported only into our own cluster' }, () => {
  let namespace = '';

  before(async () => {
    await promisify(execFile)('bash', [path.join(import.meta.dirname, 'cluster'), 'image', tag]);
    namespace = await cluster.namespace('image', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('runs as any user, with no rights and nothing to write to', async () => {
    await cluster.apply(pod('topics', { args: ['topics'] }));
    assert.equal(await exitCode('topics'), 0);
    assert.match(await cluster.kubectl('-n', namespace, 'logs', 'topics'), /^mtls /m);
  });

  for (const part of ['bot', 'worker']) {
    it(`is the ${part} too, which says what its configuration lacks`, async () => {
      await cluster.apply(pod(part, { command: ['node', `src/${part}.ts`] }));
      assert.equal(await exitCode(part), 1);
      assert.match(await cluster.kubectl('-n', namespace, 'logs', part), /REDIS_URL/);
    });
  }

  it('has no shell', async () => {
    await cluster.apply(pod('shell', { command: ['sh', '-c', 'true'] }));
    const { status } = await eventually(
      () => cluster.get<Pod>('pod', 'shell', '-n', namespace),
      (found) => JSON.stringify(found.status).includes('executable file not found'),
    );
    assert.notEqual(status.phase, 'Succeeded');
  });

  async function exitCode(name: string): Promise<number | undefined> {
    const found = await eventually(
      () => cluster.get<Pod>('pod', name, '-n', namespace),
      ({ status }) => status.containerStatuses?.[0]?.state.terminated !== undefined,
    );
    return found.status.containerStatuses?.[0]?.state.terminated?.exitCode;
  }

  /** As OpenShift's restricted-v2 runs it: some high user, group 0. */
  function pod(
    name: string,
    run: { readonly args?: readonly string[]; readonly command?: readonly string[] },
  ): Manifest {
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1_000_660_000,
          runAsGroup: 0,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name,
            image: tag,
            imagePullPolicy: 'Never',
            ...run,
            securityContext: {
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    };
  }
});
