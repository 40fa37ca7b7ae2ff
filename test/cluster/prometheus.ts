import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { eventually, type TestCluster } from './cluster.ts';

/**
 * Starts a real Prometheus in the cluster's network that finds and scrapes the sidecars of some namespaces. Its
 * address holds inside that network only. It ends with the test file.
 */
export async function startPrometheus(cluster: TestCluster, namespaces: readonly string[]): Promise<string> {
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-prometheus-'));
  const address = `127.0.0.1:${20_000 + Math.floor(Math.random() * 10_000)}`;
  const script = path.join(import.meta.dirname, 'cluster');
  writeFileSync(path.join(dir, 'config.yaml'), JSON.stringify(configOf(namespaces)));
  // It ends when its standard input does: even if this process is killed.
  const run = `sed -i "s|KUBECONFIG|$KUBECONFIG|" ${dir}/config.yaml
    prometheus --config.file=${dir}/config.yaml --storage.tsdb.path=${dir}/data --web.listen-address=${address} --log.level=error & id=$!
    cat >/dev/null; kill $id; wait $id`;
  const child = spawn('bash', [script, 'exec', 'bash', '-c', run], { stdio: ['pipe', 'ignore', 'inherit'] });
  after(async () => {
    child.stdin.end();
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dir, { recursive: true, force: true });
  });
  const url = `http://${address}`;
  await eventually(
    () => cluster.exec('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `${url}/-/ready`).catch(() => ''),
    (status) => status === '200',
  );
  return url;
}

/** The pods' own port 15090, as a PodMonitor would have it. JSON is YAML. */
function configOf(namespaces: readonly string[]): object {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'proxies',
        metrics_path: '/stats/prometheus',
        kubernetes_sd_configs: [{ role: 'pod', kubeconfig_file: 'KUBECONFIG', namespaces: { names: namespaces } }],
        relabel_configs: [
          { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'http-envoy-prom' },
          { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
          { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        ],
      },
    ],
  };
}
