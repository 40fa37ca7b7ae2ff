import type { Faults } from './faults.ts';
import type { Json } from './json.ts';
import type { Limits } from './limits.ts';
import type { Settings } from './settings.ts';
import type { Sockets } from './socket-mode.ts';
import type { Workspace } from './state.ts';

/** One call of the Web API, or of a response URL (`response_url`) or upload URL (`upload`). */
export interface ApiCall {
  readonly method: string;
  /** What was asked; never a token. */
  readonly args: Json;
  /** `ok`, an error code, or what went wrong with the connection. */
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A payload that was not acknowledged in time. */
export interface Alarm {
  readonly kind: 'not-acknowledged' | 'no-connection' | 'refused';
  readonly type: string;
  readonly detail: string;
}

/** Everything a request needs. */
export interface Context {
  readonly workspace: Workspace;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly sockets: Sockets;
  readonly calls: ApiCall[];
  readonly alarms: Alarm[];
}

const mostCalls = 10_000;

export function logCall({ calls, workspace }: Context, method: string, args: Json, outcome: string): void {
  const { token: _secret, ...rest } = args;
  calls.push({ method, args: rest, outcome, at: workspace.now() });
  if (calls.length > mostCalls) calls.shift();
}
