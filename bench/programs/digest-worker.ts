import { readFileSync } from 'node:fs';
import path from 'node:path';
import { filesFrom } from '../../src/clients/files/files-cluster.ts';
import { readWorkerConfig } from '../../src/config.ts';
import { answer } from '../../src/jobs/answer.ts';
import { startWorker } from '../../src/worker.ts';

/** A worker whose cluster is the example mesh, its application once in each of the namespaces of `NAMESPACES`. */

const folder = path.join(import.meta.dirname, '../../examples/bookinfo-permissive/mesh');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const application = read('bookinfo.yaml');
const namespaces = (process.env.NAMESPACES ?? '').split(',');
const files = namespaces.map((name) => ({
  file: `${name}.yaml`,
  text: application.replaceAll(/\bbookinfo\b(?!-)/g, name),
}));
const config = readWorkerConfig(process.env);
const cluster = { ...filesFrom([{ file: 'istio.yaml', text: read('istio.yaml') }, ...files]), name: config.cluster };
const worker = await startWorker(config, { answer, sources: { cluster } });
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
process.stdout.write('the digests can come\n');
