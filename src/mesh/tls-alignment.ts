import type { Connection } from '../model/report.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import type { MeshView } from './mesh-view.ts';
import { protocolOf } from './protocol.ts';
import { type Changed, changedConnections, effectOn } from './strict.ts';
import { type TlsRemedy, tlsPlaces, withTls } from './tls-place.ts';

/** How a rule's TLS can be brought in line with what servers demand. */
export interface Alignment {
  readonly places: ReturnType<typeof tlsPlaces>;
  readonly remedy: TlsRemedy;
  /** Calls that fail now and would work. */
  readonly mended: readonly Changed[];
  /**
   * Calls that would work no more, or without mTLS that they have now, or without TLS of their own for something less,
   * or that it is not known of.
   */
  readonly harmed: readonly Changed[];
  /** All calls that something would change for. */
  readonly touched: readonly Changed[];
}

/**
 * The least change of a rule's TLS that mends as many calls as any does; absent: none mends any. Without a TLS setting
 * auto mTLS looks at each server, so removing is tried first. It may still do harm: then there is no change that does
 * not.
 */
export function alignmentOf(view: MeshView, rule: DestinationRule): Alignment | undefined {
  const all = tlsPlaces(rule);
  const judge = judgeWith(view, rule);
  const found = (['remove', 'ISTIO_MUTUAL'] as const)
    .map((remedy) => least(all, (places) => judge(places, remedy)))
    .filter(({ mended }) => mended.length > 0);
  return found.find(({ harmed }) => harmed.length === 0) ?? found[0];
}

type Places = Alignment['places'];

/** Leaves out each place that the rest does without, the most particular ones first. */
function least(all: Places, judge: (places: Places) => Alignment): Alignment {
  let best = judge(all);
  for (const place of all.toReversed()) {
    const without = judge(best.places.filter((one) => one !== place));
    if (without.mended.length >= best.mended.length && without.harmed.length <= best.harmed.length) best = without;
  }
  return best;
}

function judgeWith(view: MeshView, rule: DestinationRule): (places: Places, remedy: TlsRemedy) => Alignment {
  const compare = changedConnections(view, { clients: () => true, servers: () => true });
  const { isMended, isHarmed } = judgesOf(view);
  return (places, remedy) => {
    const [kept = [], dropped = []] = (['stays', 'goes'] as const).map((bare) =>
      compare(replaced(view, rule, withTls(rule, places, remedy, bare))),
    );
    const isMendedToo = new Set(dropped.filter(isMended).map(({ before }) => before));
    return {
      places,
      remedy,
      mended: kept.filter((one) => isMended(one) && isMendedToo.has(one.before)),
      harmed: [...kept.filter(isHarmed), ...dropped.filter(isHarmed)],
      touched: kept.filter(({ before, after }) => !isAlike(before, after)),
    };
  };
}

function replaced(view: MeshView, rule: DestinationRule, by: DestinationRule): MeshView {
  return { ...view, destinationRules: view.destinationRules.map((one) => (one === rule ? by : one)) };
}

interface Judges {
  readonly isMended: (change: Changed) => boolean;
  readonly isHarmed: (change: Changed) => boolean;
}

function judgesOf({ services }: MeshView): Judges {
  const declared = new Map(
    services.flatMap(({ namespace, name, ports }) =>
      ports.map((port) => [`${namespace}/${name}:${port.port}`, protocolOf(port)]),
    ),
  );
  /** Whether TLS of the caller's own is surely refused, behind a proxy: what an application serves, no object says. */
  const isRefused = ({ outcome, demanded, server, service, port }: Connection) => {
    if (outcome !== 'fails' || demanded === 'NONE') return false;
    const protocol = declared.get(`${server.namespace}/${service}:${port}`);
    return demanded === 'STRICT' || protocol === 'http' || protocol === 'banner';
  };
  /** TLS that somebody meant may go only for mTLS, and only where it is sure to lead nowhere. */
  const isBared = ({ before, after }: Changed) =>
    opensTls(before) && !opensTls(after) && !(isRefused(before) && after.wire === 'mtls');
  return {
    isMended: (change) => change.before.outcome === 'fails' && change.after.outcome === 'works' && !isBared(change),
    isHarmed: (change) => effectOn(change) !== 'none' || losesMtls(change) || isBared(change),
  };
}

/** Whether the caller opens SIMPLE or MUTUAL, on any way that the call may go. */
export function opensTls({ sent }: Connection): boolean {
  return sent.split(' or ').some((one) => one.startsWith('TLS'));
}

function losesMtls({ before, after }: Changed): boolean {
  return before.outcome === 'works' && before.wire === 'mtls' && after.wire !== 'mtls';
}

function isAlike(a: Connection, b: Connection): boolean {
  return a.outcome === b.outcome && a.wire === b.wire && a.sent === b.sent;
}
