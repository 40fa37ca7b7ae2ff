import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capturesInbound, capturesOutbound } from '../../src/mesh/capture.ts';
import type { Pod } from '../../src/model/workload.ts';
import { type Plane, workload } from './view.ts';

function pod(annotations: Readonly<Record<string, string>>, proxy: Plane = 'sidecar'): Pod {
  const full = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`traffic.sidecar.istio.io/${key}`, value]),
  );
  const [first] = workload('alpha/one', { proxy, annotations: full }).pods;
  if (first === undefined) throw new Error('no pod');
  return first;
}

/** Annotations; then whether ports 80 and 9000 are captured, inbound and outbound. */
const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{}, 'true true yes yes'],
  [{ excludeInboundPorts: '80, 81' }, 'false true yes yes'],
  [{ includeInboundPorts: '9000' }, 'false true yes yes'],
  [{ includeInboundPorts: '' }, 'false false yes yes'],
  [{ includeInboundPorts: '9000', excludeInboundPorts: '9000' }, 'false true yes yes'],
  [{ excludeOutboundPorts: '80' }, 'true true no yes'],
  [{ includeOutboundIPRanges: '' }, 'true true no no'],
  [{ includeOutboundIPRanges: '', includeOutboundPorts: '80' }, 'true true yes no'],
  [{ includeOutboundIPRanges: '10.0.0.0/8' }, 'true true depends depends'],
  [{ excludeOutboundIPRanges: '10.0.0.0/8' }, 'true true depends depends'],
];

describe('what a sidecar captures', () => {
  for (const [annotations, expected] of cases) {
    it(JSON.stringify(annotations), () => {
      const one = pod(annotations);
      const found = [
        capturesInbound(one, 80),
        capturesInbound(one, 9000),
        capturesOutbound(one, 80),
        capturesOutbound(one, 9000),
      ];
      assert.equal(found.join(' '), expected);
    });
  }

  it('is never the port of metrics or health', () => {
    assert.deepEqual(
      [15020, 15021, 15090].map((port) => capturesInbound(pod({}), port)),
      [false, false, false],
    );
  });

  it('is nothing without a sidecar', () => {
    assert.deepEqual([capturesInbound(pod({}, 'none'), 80), capturesOutbound(pod({}, 'none'), 80)], [false, 'no']);
  });
});
