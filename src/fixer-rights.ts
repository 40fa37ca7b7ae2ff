import { isAllowed } from './clients/kubernetes/access-review.ts';
import { createDiscovery } from './clients/kubernetes/discovery.ts';
import type { LiveCluster } from './clients/kubernetes/live-cluster.ts';
import { resourceName } from './clients/kubernetes/refusal.ts';
import type { Fix, FixRight } from './model/fix.ts';
import type { FixRightsState, LackedPlace } from './model/fixer-state.ts';
import type { Policy } from './model/policy.ts';
import { ruleFor } from './model/policy-decisions.ts';
import { matches } from './model/policy-people.ts';
import { resources } from './model/resources.ts';
import { type ResourceType, SourceError } from './model/sources.ts';

/** What is asked of the API server. Both throw a SourceError where it does not say. */
export interface RightsAsker {
  /** Whether we may; it is not done. */
  mayI(action: Action, signal: AbortSignal): Promise<boolean>;
  isInstalled(resource: ResourceType, signal: AbortSignal): Promise<boolean>;
}

interface Action {
  readonly verb: string;
  readonly resource: ResourceType;
  readonly namespace?: string | undefined;
  readonly name?: string;
}

export interface RightsQuestion {
  readonly cluster: string;
  readonly fixes: readonly Fix[];
  readonly policy: Policy;
  /** Those that are known: a policy with a `*` names none. */
  readonly namespaces: readonly string[];
}

/** A place that a fix may be asked for. */
interface FixPlace {
  readonly namespace?: string;
  readonly isNamed: boolean;
}

const deadlineMs = 60_000;
/** Of each fix. */
const mostPlaces = 20;

export function rightsAsker({ connection }: Pick<LiveCluster, 'connection'>): RightsAsker {
  const discovery = createDiscovery(connection);
  return {
    mayI: (action, signal) => isAllowed(connection, action, { signal }),
    async isInstalled(resource, signal) {
      try {
        await discovery.pathOf(resource, signal);
        return true;
      } catch (error) {
        if (error instanceof SourceError && error.reason === 'not-installed') return false;
        throw error;
      }
    },
  };
}

/**
 * Of each fix that the policy allows in this cluster: where it has its rights and where not.
 *
 * @throws SourceError where the API server does not say.
 */
export async function fixRights(asker: RightsAsker, question: RightsQuestion): Promise<readonly FixRightsState[]> {
  const signal = AbortSignal.timeout(deadlineMs);
  const isOpenShift = await asker.isInstalled(resources.clusterVersions, signal);
  const states: FixRightsState[] = [];
  for (const fix of question.fixes) {
    if (!isOpenShift && fix.rights.some(({ namespace = '' }) => namespace.startsWith('openshift-'))) continue;
    const places = placesOf(fix, question);
    if (places === undefined) continue;
    states.push(await stateOf(fix, places, (action) => asker.mayI(action, signal)));
  }
  return states;
}

/** Where the policy lets a fix be applied; nothing where it does so nowhere in this cluster. */
function placesOf(
  { id, scope }: Fix,
  { cluster, policy, namespaces }: RightsQuestion,
): readonly FixPlace[] | undefined {
  const rules = policy.fixes.filter((rule) => matches(rule.fixes, id) && matches(rule.clusters, cluster));
  if (rules.length === 0) return undefined;
  const isNamedFix = rules.some((rule) => rule.fixes.includes(id));
  if (scope === 'cluster') return ruleFor(policy, id, { cluster }) && [{ isNamed: isNamedFix }];
  const named = new Set(rules.flatMap((rule) => rule.namespaces).filter((name) => !name.includes('*')));
  const known = namespaces.filter((name) => !named.has(name)).toSorted();
  return [...[...named].toSorted(), ...known]
    .filter((namespace) => ruleFor(policy, id, { cluster, namespace }) !== undefined)
    .map((namespace) => ({ namespace, isNamed: isNamedFix && named.has(namespace) }));
}

async function stateOf(
  { id, rights, scope }: Fix,
  places: readonly FixPlace[],
  mayI: (action: Action) => Promise<boolean>,
): Promise<FixRightsState> {
  const grant = `kubectl apply ${scope === 'cluster' ? '' : '-n NAMESPACE '}-k deploy/fixes/${id}`;
  const asked = places.slice(0, mostPlaces);
  const lacks: LackedPlace[] = [];
  for (const place of asked) {
    const lacked = await lackedIn(rights, place, mayI);
    if (lacked.length > 0) lacks.push({ ...place, rights: lacked });
  }
  return { fix: id, grant, asked: asked.length, notAsked: places.length - asked.length, lacks };
}

async function lackedIn(
  rights: readonly FixRight[],
  place: FixPlace,
  mayI: (action: Action) => Promise<boolean>,
): Promise<readonly string[]> {
  const asked = rights.flatMap((right) => {
    const namespace = right.namespace === 'target' ? place.namespace : right.namespace;
    return right.verbs.flatMap((verb) =>
      (right.names ?? [undefined]).map((name) => ({
        ...{ verb, resource: right.resource, namespace },
        ...(name !== undefined && { name }),
      })),
    );
  });
  const may = await Promise.all(asked.map(mayI));
  const lacked = asked.filter((_, index) => may[index] !== true);
  return [...new Set(lacked.map(({ verb, resource }) => `${verb} ${resourceName(resource)}`))];
}
