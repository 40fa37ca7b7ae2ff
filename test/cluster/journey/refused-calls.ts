import assert from 'node:assert/strict';
import type { MessageHandle } from '../../../src/sandbox/slack/index.ts';
import { demanding, plaintextTo, pod, reaches, server } from '../callers.ts';
import { eventually, type Manifest, type TestCluster } from '../cluster.ts';
import { type Cards, cardsIn } from '../fix-cards.ts';
import { boundTo } from '../fixer-account.ts';
import type { Installation } from './install.ts';

const fix = 'align-destination-rule-tls';
const channel = 'fixes';
/** Nothing listens there, and nothing is refused either. */
const silentPort = 9443;

/** A namespace of the mesh in which every call is refused, since a DestinationRule sends plaintext to a strict server. */
export interface RefusedCalls extends Omit<Cards, 'propose'> {
  /** Ana asks for what mends it. */
  propose(): Promise<MessageHandle>;
  /** Waits until calls are answered, or are not. */
  answered(expected: boolean): Promise<void>;
  /** How often the rule was written since it was made. */
  writes(): Promise<number>;
  /** Makes the rule anew, as it was at first. */
  begin(): Promise<void>;
  /** Takes the Role of the fix from the fixer while this goes on. */
  withoutRole(during: () => Promise<void>): Promise<void>;
  /** While this goes on, the API server takes four seconds for each write of the rule. */
  slowed(during: () => Promise<void>): Promise<void>;
}

export async function refusedCalls(cluster: TestCluster, mesh: Installation): Promise<RefusedCalls> {
  const namespace = await cluster.namespace('refused', { 'istio-injection': 'enabled' });
  const rule = plaintextTo(namespace, namespace);
  const roles = rolesFor(namespace, mesh);
  mesh.slack.addChannel({ name: channel, members: ['ana', 'ben', 'bot'] });
  await cluster.apply(...server(namespace), pod(namespace, 'web'), demanding('STRICT', namespace), rule, ...roles);
  await cluster.available(namespace);
  const { propose, ...cards } = cardsIn(channel, () => mesh.slack);
  return {
    ...cards,
    propose: () => propose(`fix ${fix} ${namespace}/plaintext`),
    async answered(expected) {
      const look = () => reaches(cluster, namespace, 'web', namespace);
      await eventually(look, (ok) => ok === expected, 60);
    },
    async writes() {
      const { metadata } = await cluster.get<{ metadata: { generation: number } }>(
        ...['destinationrules', 'plaintext', '-n', namespace],
      );
      return metadata.generation - 1;
    },
    async begin() {
      await cluster.delete(rule);
      await cluster.apply(rule);
    },
    async withoutRole(during) {
      const bindings = roles.filter(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name.includes(fix));
      assert.equal(bindings.length, 1);
      await cluster.delete(...bindings);
      try {
        await during();
      } finally {
        await cluster.apply(...bindings);
      }
    },
    async slowed(during) {
      const silence = ['INPUT', '-p', 'tcp', '--dport', `${silentPort}`, '-j', 'DROP'];
      const webhook = await silentWebhook(cluster, namespace);
      await cluster.exec('iptables', '-w', '-I', ...silence);
      try {
        await cluster.apply(webhook);
        await during();
      } finally {
        await cluster.delete(webhook);
        await cluster.exec('iptables', '-w', '-D', ...silence);
      }
    },
  };
}

/** What an admin applies with `-n`: for the fixer the Role of the fix, and for the worker the way to the proxies. */
function rolesFor(namespace: string, { namespace: home }: Installation): readonly Manifest[] {
  const of = (name: string) => ({ name: `${name}-${home}`, namespace: home });
  return [
    ...boundTo(`deploy/fixes/${fix}/role.yaml`, namespace, of('fixer')),
    ...boundTo('deploy/components/mesh-portforward/role.yaml', namespace, of('worker')),
  ];
}

/** The API server waits for its answer, which never comes, and then goes on. Dry runs do not ask it. */
async function silentWebhook(cluster: TestCluster, namespace: string): Promise<Manifest> {
  const { items } = await cluster.get<{ items: { status: { addresses: { address: string }[] } }[] }>('nodes');
  const rules = [{ operations: ['UPDATE'], apiGroups: ['networking.istio.io'], resources: ['destinationrules'] }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `silent-${namespace}` },
    webhooks: [
      {
        name: 'silent.meshbot.example',
        clientConfig: { url: `https://${items[0]?.status.addresses[0]?.address}:${silentPort}/` },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: rules.map((one) => ({ ...one, apiVersions: ['*'] })),
        matchConditions: [{ name: 'no-dry-run', expression: '!has(request.dryRun) || !request.dryRun' }],
        failurePolicy: 'Ignore',
        timeoutSeconds: 4,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}
