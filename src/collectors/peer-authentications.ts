import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import type { MtlsMode, PeerAuthentication } from '../model/tls-config.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import { at, child, entries, type Field, oneOf, textMap } from './fields.ts';
import { identityOf } from './identity.ts';

export const peerAuthentications = defineCollector({
  kind: 'peerAuthentications',
  reads: [resources.peerAuthentications],
  collect: (collection) => listMeshWide(collection, resources.peerAuthentications, project),
});

function project(object: KubeObject): PeerAuthentication {
  const mode = modeOf(at(object, 'spec', 'mtls', 'mode'));
  return {
    kind: 'PeerAuthentication',
    ...identityOf(object),
    selector: textMap(at(object, 'spec', 'selector', 'matchLabels')),
    ...(mode !== undefined && { mode }),
    portModes: Object.fromEntries(
      entries(at(object, 'spec', 'portLevelMtls')).map(([port, mtls]) => [port, modeOf(child(mtls, 'mode')) ?? null]),
    ),
  };
}

/** UNSET and an absent mode are the same: they inherit. */
function modeOf(field: Field): MtlsMode | undefined {
  const mode = oneOf(field, ['UNSET', 'STRICT', 'PERMISSIVE', 'DISABLE']);
  return mode === 'UNSET' ? undefined : mode;
}
