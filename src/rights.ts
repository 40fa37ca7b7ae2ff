import { type Command, Option } from 'commander';
import { accountOf, isAllowed, type ReviewOptions, whoAmI } from './clients/kubernetes/access-review.ts';
import { createDiscovery, type Discovery } from './clients/kubernetes/discovery.ts';
import { type LiveCluster, liveCluster } from './clients/kubernetes/live-cluster.ts';
import { resourceName } from './clients/kubernetes/refusal.ts';
import { planReads, type Right, rightsNeeded } from './collectors/rights.ts';
import { fixes } from './fixes/index.ts';
import { resources } from './model/resources.ts';
import { type ResourceType, SourceError, UsageError } from './model/sources.ts';
import type { ForwardRights } from './model/worker-state.ts';
import { type HeldRight, type RightsReport, rightsReport, rightsText } from './report/rights.ts';

interface RightsOptions {
  readonly as?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output: 'text' | 'json';
}

/** A right, and the fixes that make no plan without it. */
type NeededRight = Right & { readonly fixes?: readonly string[] };

const deadlineMs = 30_000;
const mayForward = 'kubectl apply -n NAMESPACE -k deploy/components/mesh-portforward';
/** A stream begins as a `get`; newer API servers ask for `create` as well. */
const forwardVerbs = ['get', 'create'] as const;
const mostForwarding = 20;

/** `meshbot rights`: exit status 0 where nothing is missing, 2 otherwise. */
export function registerRights(program: Command): void {
  program
    .command('rights')
    .description('say what may be read, and which evidence is missing without the rest')
    .option('--as <account>', 'ask about another account: system:serviceaccount:meshbot:worker')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(async ({ as, output, ...access }: RightsOptions) => {
      const report = await askRights(access, as);
      process.stdout.write(output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : rightsText(report));
      process.exitCode = report.complete ? 0 : 2;
    });
}

async function askRights(access: Pick<RightsOptions, 'kubeconfig' | 'context'>, as?: string): Promise<RightsReport> {
  if (as !== undefined && /^system:serviceaccount:/.test(as) && !/^[^:]+:[^:]+:[^:]+:[^:]+$/.test(as)) {
    throw new UsageError(`"${as}" is no service account. Write system:serviceaccount:NAMESPACE:NAME.`);
  }
  const cluster = await liveCluster(access);
  try {
    return await rightsIn(cluster, as);
  } finally {
    await cluster.close();
  }
}

/** What plans change is read as it is at that moment, which a right to `list` does not cover. */
export function planRights(): readonly NeededRight[] {
  return planReads.map((resource) => ({ verb: 'get', resource, evidence: [], fixes: fixesOf(resource) }));
}

function fixesOf(resource: ResourceType): readonly string[] {
  return fixes.filter(({ rights }) => rights.some((right) => right.resource === resource)).map(({ id }) => id);
}

/**
 * Which of the rights that reading a mesh and planning fixes take we have, or another account has.
 *
 * @throws SourceError where the API server does not say.
 */
export async function rightsIn({ connection, name }: LiveCluster, as?: string): Promise<RightsReport> {
  const signal = AbortSignal.timeout(deadlineMs);
  const options = { signal, ...(as !== undefined && { as: accountOf(as) }) };
  const discovery = createDiscovery(connection);
  const ask = (right: NeededRight) => heldRight(right, connection, discovery, options);
  const [account, ...rights] = await Promise.all([
    as ?? whoAmI(connection, signal).then((user) => user ?? 'This account'),
    ...[...rightsNeeded(), ...planRights()].map(ask),
  ]);
  return rightsReport(account, name, rights);
}

/**
 * In how many of these namespaces we may ask the proxies themselves; of many, the first twenty. Nothing where there is
 * none.
 *
 * @throws SourceError where the API server does not say.
 */
export async function forwardRights(
  { connection }: Pick<LiveCluster, 'connection'>,
  namespaces: readonly string[],
): Promise<ForwardRights | undefined> {
  const signal = AbortSignal.timeout(deadlineMs);
  const mayIn = async (namespace?: string): Promise<boolean> => {
    const action = { resource: resources.pods, subresource: 'portforward', namespace };
    const asked = forwardVerbs.map((verb) => isAllowed(connection, { verb, ...action }, { signal }));
    return (await Promise.all(asked)).every(Boolean);
  };
  const places = namespaces.slice(0, mostForwarding);
  if (places.length === 0) return undefined;
  if (await mayIn()) return { held: places.length, asked: places.length, grant: mayForward };
  const may = await Promise.all(places.map(mayIn));
  return { held: may.filter(Boolean).length, asked: places.length, grant: mayForward };
}

async function heldRight(
  { verb, resource, names, evidence, fixes: ids }: NeededRight,
  connection: LiveCluster['connection'],
  discovery: Discovery,
  options: ReviewOptions & { readonly signal: AbortSignal },
): Promise<HeldRight> {
  const asked = await Promise.all(
    (names ?? [undefined]).map((name) =>
      isAllowed(connection, { verb, resource, ...(name !== undefined && { name }) }, options),
    ),
  );
  const state = asked.every(Boolean) ? 'held' : await refusedState(discovery, resource, options.signal);
  const uses = { evidence, ...(ids !== undefined && { fixes: ids }) };
  return { verb, resource: resourceName(resource), ...uses, state, ...(names !== undefined && { names }) };
}

async function refusedState(
  discovery: Discovery,
  resource: Right['resource'],
  signal: AbortSignal,
): Promise<'missing' | 'not-needed'> {
  try {
    await discovery.pathOf(resource, signal);
    return 'missing';
  } catch (error) {
    if (error instanceof SourceError && error.reason === 'not-installed') return 'not-needed';
    throw error;
  }
}
