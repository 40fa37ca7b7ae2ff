import type { Faults } from './faults.ts';
import { type Json, parsed } from './json.ts';
import type { Limits } from './limits.ts';
import type { Settings } from './settings.ts';
import type { Sockets } from './socket-mode.ts';
import type { Workspace } from './state.ts';

/** One call of the Web API, or of a response URL (`response_url`) or upload URL (`upload`). */
export interface ApiCall {
  readonly method: string;
  /** What was asked, blocks and the like read; never a token. */
  readonly args: Json;
  /** `ok`, an error code, or what went wrong with the connection. */
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A payload that was not acknowledged in time. */
export interface Alarm {
  readonly kind: 'not-acknowledged' | 'crossed' | 'no-connection' | 'refused';
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

const most = 2_000;

export function logCall({ calls, workspace }: Context, method: string, args: Json, outcome: string): void {
  const { token: _secret, ...rest } = args;
  const readable = Object.entries(rest).map(([name, value]) => [
    name,
    isEncoded(value) ? (parsed(value) ?? value) : value,
  ]);
  calls.push({ method, args: Object.fromEntries(readable), outcome, at: workspace.now() });
  if (calls.length > most) calls.shift();
}

export function raiseAlarm({ alarms }: Context, alarm: Alarm): void {
  alarms.push(alarm);
  if (alarms.length > most) alarms.shift();
}

/** Clients send lists and objects as JSON in a form. */
function isEncoded(value: unknown): boolean {
  return typeof value === 'string' && /^[[{]/.test(value);
}
