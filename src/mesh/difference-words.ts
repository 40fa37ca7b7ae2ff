import { describeRef, type Ref, ref } from '../model/finding.ts';
import type { Target } from '../model/target.ts';
import { clusterPlace } from './cluster-place.ts';
import type { EndpointsDifference, InboundDifference, OutboundDifference } from './proxy-difference.ts';

/** What a difference rests on, and what it is, in the words of a finding. */
interface Description {
  readonly because: readonly Ref[];
  readonly detail: readonly string[];
}

interface CallDescription extends Description {
  readonly to: string;
}

const mostEndpoints = 3;

export function describeInbound({ port, runs, foretold, decidedBy }: InboundDifference, pod: string): Description {
  const where = port === undefined ? 'other ports' : `port ${port}`;
  return {
    because: decidedBy === undefined ? [] : [ref(decidedBy)],
    detail: [`pod ${pod}, ${where}: ${runs}, not ${foretold}`],
  };
}

export function describeOutbound(
  { cluster: { opens, rule, ...name }, foretold, rules }: OutboundDifference,
  pod: string,
  { namespace }: Target,
): CallDescription {
  const by =
    rule === undefined ? 'without a DestinationRule' : `by ${describeRef({ kind: 'DestinationRule', ...rule })}`;
  const place = clusterPlace(name, undefined);
  const meant = foretold === 'none' ? 'no such subset' : foretold;
  return {
    to: clusterPlace(name, namespace),
    because: rules.map(ref),
    detail: [`pod ${pod} to ${place}: ${opens} ${by}, not ${meant}`],
  };
}

export function describeEndpoints(
  { cluster, endpoints, rules }: EndpointsDifference,
  pod: string,
  { namespace }: Target,
): CallDescription {
  const place = clusterPlace(cluster, undefined);
  const policies = new Set(endpoints.flatMap(({ decidedBy }) => decidedBy ?? []));
  const named = endpoints.slice(0, mostEndpoints).map(({ pod: server, address, sends, foretold }) => {
    return `pod ${pod} to ${place}, pod ${server.name} (${address}): ${sends}, not ${foretold}`;
  });
  const more = endpoints.length - named.length;
  return {
    to: clusterPlace(cluster, namespace),
    because: [...Array.from(policies, ref), ...rules.map(ref)],
    detail: more > 0 ? [...named, `and ${more} more endpoints`] : named,
  };
}
