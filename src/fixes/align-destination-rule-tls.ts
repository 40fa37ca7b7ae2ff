import { restsOn } from '../mesh/because.ts';
import { connections } from '../mesh/connections.ts';
import { fullHost, isWithin, overlap, serviceHost } from '../mesh/hosts.ts';
import { clusterDomainOf } from '../mesh/istiod.ts';
import type { MeshView } from '../mesh/mesh-view.ts';
import { reachOf } from '../mesh/rule-reach.ts';
import { type Alignment, alignmentOf } from '../mesh/tls-alignment.ts';
import { repeatedPlace, tlsPlaces } from '../mesh/tls-place.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { describeRef } from '../model/finding.ts';
import { defineFix, type Refusal } from '../model/fix.ts';
import { resources } from '../model/resources.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import { callsNamed, doubtsOf, effectsOf, placeIn, riskOf, titleOf } from './alignment-words.ts';
import { judgeAligned } from './judge-aligned.ts';
import { parametersOf, readParameters, specWithTls } from './tls-edit.ts';

/** Takes a DestinationRule's word on TLS out of the way of what servers demand. */
export const alignDestinationRuleTls = defineFix({
  id: 'align-destination-rule-tls',
  title: 'Align a DestinationRule’s TLS with its servers',
  does: 'Removes or corrects the TLS settings of a DestinationRule that make calls fail, and nothing else of it.',
  scope: 'object',
  needs: viewKinds,
  rights: [{ verbs: ['get', 'patch'], resource: resources.destinationRules, namespace: 'target' }],
  choose(view, { namespace = '', name = '' }) {
    const rule = view.destinationRules.find((one) => one.namespace === namespace && one.name === name);
    if (rule === undefined) return { refused: `There is no DestinationRule ${namespace}/${name}.` };
    const why = notAlone(view, rule) ?? notForServers(view, rule);
    if (why !== undefined) return why;
    const found = alignmentOf(view, rule);
    if (found === undefined) return notAtFault(view, rule);
    if (found.harmed.length > 0) return harmful(rule, found);
    return {
      resource: resources.destinationRules,
      namespace,
      name,
      title: titleOf(rule, found),
      risk: riskOf(found),
      parameters: parametersOf(found.remedy, found.places),
      effects: effectsOf(rule, found, view),
      doubts: doubtsOf(rule, found, view),
    };
  },
  edit(object, { namespace, name }, parameters) {
    const what = `DestinationRule ${namespace}/${name}`;
    if (object === null) return { refused: `There is no ${what}.` };
    const asked = readParameters(parameters);
    const spec = asked && specWithTls(object.spec, asked.places, asked.remedy);
    if (spec === undefined) {
      return { refused: `${what} does not set TLS where the plan says.`, next: 'Ask for the fix again.' };
    }
    return { after: { ...object, spec } };
  },
  undone: 'By one click within 24 hours, for as long as the rule stays as it was written.',
  undoWithinMinutes: 24 * 60,
  verify: { topic: 'mtls', withinSeconds: 180, judge: judgeAligned },
});

/** What the change would do has to be all in the rule, and for Services of its namespace. */
function notAlone({ controlPlane }: MeshView, rule: DestinationRule): Refusal | undefined {
  const what = describeRef(rule);
  const next = 'Change it by hand.';
  if (tlsPlaces(rule).length === 0) return { refused: `${what} sets no TLS, so it contradicts nothing.` };
  const twice = repeatedPlace(rule);
  if (twice !== undefined)
    return {
      refused: `${what} has two policies${placeIn(twice)}: Istio goes by the first, and without it by the other.`,
      next,
    };
  switch (reachOf(rule, controlPlane)) {
    case 'mesh':
      return {
        refused: `${what} is in the root namespace, so it is for calls all over the mesh, which I do not all see.`,
        next,
      };
    case 'elsewhere':
      return {
        refused: `${what} is for ${rule.host}, so also for servers outside ${rule.namespace}, which I do not see.`,
        next,
      };
    case 'namespace':
      return undefined;
  }
}

/** Only what Services of the cluster demand is known. */
function notForServers(view: MeshView, rule: DestinationRule): Refusal | undefined {
  const what = describeRef(rule);
  const [first] = view.controlPlane.revisions;
  const domain = first === undefined ? 'cluster.local' : clusterDomainOf(first);
  const host = fullHost(rule.host, rule.namespace, domain);
  if (view.services.some((one) => isWithin(serviceHost(one.name, one.namespace, domain), host))) return undefined;
  const entry = view.serviceEntries.find(({ hosts }) => hosts.some((one) => overlap(one, host)));
  if (entry !== undefined) {
    return {
      refused: `${what} is for ${host} of ${describeRef(entry)}, and what is outside the mesh demands, I do not know.`,
      next: 'Change it by hand.',
    };
  }
  return {
    refused: `${what} is for ${host}, and I see no such Service from ${rule.namespace}.`,
    next: `Correct its host, or ask for the fix of a rule in the namespace of the Service.`,
  };
}

function notAtFault(view: MeshView, rule: DestinationRule): Refusal {
  const what = describeRef(rule);
  const next = `See who reaches whom, and why not: /mesh mtls ${rule.namespace}.`;
  const users = connections(view, { clients: () => true, servers: () => true }).filter((one) => restsOn(one, rule));
  if (users.length === 0) return { refused: `Nobody that I can see opens connections by the TLS of ${what}.`, next };
  const failing = users.filter(({ outcome }) => outcome === 'fails');
  if (failing.length > 0) {
    const refused = `Without the TLS of ${what}, ${callsNamed(failing)} may fail as well, or go in plaintext.`;
    return { refused, next };
  }
  const open = users.filter(({ outcome }) => outcome === 'unknown');
  if (open.length === 0) return { refused: `No call that I can see fails for the TLS of ${what}.`, next };
  return { refused: `Whether calls fail for the TLS of ${what} is not known: ${callsNamed(open)}.`, next };
}

function harmful(rule: DestinationRule, { harmed }: Alignment): Refusal {
  const calls = callsNamed(harmed.map(({ before }) => before));
  return {
    refused: `Without the TLS of ${describeRef(rule)} other calls may fail, lose mTLS, or go without TLS: ${calls}.`,
    next: 'Change it by hand, with a setting for each subset or port.',
  };
}
