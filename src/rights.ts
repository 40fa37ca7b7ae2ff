import { type Command, Option } from 'commander';
import { accountOf, isAllowed, type ReviewOptions, whoAmI } from './clients/kubernetes/access-review.ts';
import { createDiscovery, type Discovery } from './clients/kubernetes/discovery.ts';
import { type LiveCluster, liveCluster } from './clients/kubernetes/live-cluster.ts';
import { resourceName } from './clients/kubernetes/refusal.ts';
import { type Right, rightsNeeded } from './collectors/rights.ts';
import { SourceError, UsageError } from './model/sources.ts';
import { type HeldRight, type RightsReport, rightsReport, rightsText } from './report/rights.ts';

interface RightsOptions {
  readonly as?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output: 'text' | 'json';
}

const deadlineMs = 30_000;

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

/**
 * Which of the rights that reading a mesh takes we have, or another account has.
 *
 * @throws SourceError where the API server does not say.
 */
export async function rightsIn({ connection, name }: LiveCluster, as?: string): Promise<RightsReport> {
  const signal = AbortSignal.timeout(deadlineMs);
  const options = { signal, ...(as !== undefined && { as: accountOf(as) }) };
  const discovery = createDiscovery(connection);
  const ask = (right: Right) => heldRight(right, connection, discovery, options);
  const [account, ...rights] = await Promise.all([
    as ?? whoAmI(connection, signal).then((user) => user ?? 'This account'),
    ...rightsNeeded().map(ask),
  ]);
  return rightsReport(account, name, rights);
}

async function heldRight(
  { verb, resource, names, evidence }: Right,
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
  return { verb, resource: resourceName(resource), evidence, state, ...(names !== undefined && { names }) };
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
