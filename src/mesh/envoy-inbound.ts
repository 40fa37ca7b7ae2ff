import type { InboundModes } from '../model/proxy.ts';
import type { MtlsMode } from '../model/tls-config.ts';
import { configsIn, isMeshTls, type Json, listAt, textAt, valueAt } from './envoy-json.ts';

/** The listener that takes whatever comes into the pod. */
export const inboundPath =
  '/config_dump?resource=dynamic_listeners&name_regex=virtualInbound&mask=name,active_state,warming_state';

/** Where the listener itself is: not a port of any application. */
const ownPort = 15006;

/**
 * Reads the mTLS mode of each port back from the filter chains of `virtualInbound`.
 *
 * @see istio pilot/pkg/networking/core/filterchain_options.go: getFilterChainMatchOptions
 * @throws SourceError
 */
export function inboundModes(answer: string): InboundModes | undefined {
  const listener = configsIn(answer).find(({ name }) => name === 'virtualInbound');
  const state = valueAt(listener, 'active_state', 'listener');
  if (state === undefined) return undefined;
  const byPort = Map.groupBy(listAt(state, 'filter_chains'), portOf);
  const ports = Array.from(byPort).flatMap(([port, chains]) => {
    if (port === undefined || port === ownPort) return [];
    const mode = modeOf(chains);
    return mode === undefined ? [] : [[port, mode] as const];
  });
  const others = modeOf(byPort.get(undefined) ?? []);
  return { ports: Object.fromEntries(ports), ...(others !== undefined && { others }) };
}

function portOf(chain: Json): number | undefined {
  const port = valueAt(chain, 'filter_chain_match', 'destination_port');
  return typeof port === 'number' ? port : undefined;
}

/** Chains that end mTLS beside such as take plaintext are PERMISSIVE. */
function modeOf(chains: readonly Json[]): MtlsMode | undefined {
  if (chains.length === 0) return undefined;
  if (!chains.some((chain) => isMeshTls(chain.transport_socket))) return 'DISABLE';
  return chains.some(takesPlaintext) ? 'PERMISSIVE' : 'STRICT';
}

function takesPlaintext(chain: Json): boolean {
  return textAt(chain, 'filter_chain_match', 'transport_protocol') !== 'tls' && chain.transport_socket === undefined;
}
