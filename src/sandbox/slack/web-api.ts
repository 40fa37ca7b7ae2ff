import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, logCall } from './context.ts';
import type { FaultKind } from './faults.ts';
import { argsOf, sendJson } from './http.ts';
import { type Json, text } from './json.ts';
import { methods } from './methods/index.ts';
import { neededScope } from './scopes.ts';
import { SlackError } from './slack-error.ts';

/** Answers `POST /api/METHOD`. */
export async function answerCall(
  context: Context,
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const args = await argsOf(request);
  const fault = context.faults.next(method);
  if (fault !== undefined && 'delayMs' in fault) await sleep(fault.delayMs);
  if (fault !== undefined && brokenBefore(context, method, args, fault, response)) return;
  const { body, retryAfter } = result(context, method, args, request.headers.authorization);
  const outcome = body.ok === true ? 'ok' : text(body.error);
  if (fault !== undefined && 'drop' in fault) {
    logCall(context, method, args, `${outcome}, reply dropped`);
    response.destroy();
    return;
  }
  logCall(context, method, args, outcome);
  const scopes = { 'x-oauth-scopes': [...context.settings.scopes].join(',') };
  if (retryAfter === 0) sendJson(response, body, 200, scopes);
  else sendJson(response, body, 429, { 'retry-after': String(retryAfter) });
}

/** Faults that keep Slack from doing anything. */
function brokenBefore(
  context: Context,
  method: string,
  args: Json,
  fault: FaultKind,
  response: ServerResponse,
): boolean {
  if ('drop' in fault && fault.drop === 'request') {
    logCall(context, method, args, 'request dropped');
    response.destroy();
    return true;
  }
  if ('error' in fault) {
    logCall(context, method, args, fault.error);
    sendJson(response, { ok: false, error: fault.error });
    return true;
  }
  if (!('status' in fault)) return false;
  if (fault.status === 429) {
    logCall(context, method, args, 'ratelimited');
    const headers = { 'retry-after': String(fault.retryAfter ?? 1) };
    sendJson(response, { ok: false, error: 'ratelimited' }, 429, headers);
    return true;
  }
  logCall(context, method, args, `http_${fault.status}`);
  response.writeHead(fault.status).end('the sandbox was told to fail');
  return true;
}

function result(
  context: Context,
  method: string,
  args: Json,
  authorization: string | undefined,
): { readonly body: Json; readonly retryAfter: number } {
  try {
    const run = methods[method];
    if (run === undefined) throw new SlackError('unknown_method');
    authenticate(context, method, authorization?.replace(/^Bearer /, '') ?? text(args.token));
    authorize(context, method, args);
    const retryAfter = context.limits.take(method, text(args.channel));
    if (retryAfter > 0) return { body: { ok: false, error: 'ratelimited' }, retryAfter };
    return { body: { ok: true, ...run(context, args) }, retryAfter: 0 };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { body: { ok: false, error: error.code, ...error.more }, retryAfter: 0 };
  }
}

function authenticate({ settings }: Context, method: string, token: string): void {
  const { botToken, appToken } = settings;
  if (token === '') throw new SlackError('not_authed');
  if (token !== botToken && token !== appToken) throw new SlackError('invalid_auth');
  const needsApp = method === 'apps.connections.open';
  if ((token === appToken) !== needsApp) throw new SlackError('not_allowed_token_type');
}

function authorize({ settings, workspace }: Context, method: string, args: Json): void {
  const channel = workspace.channels.get(text(args.channel));
  const needed = neededScope(method, channel?.kind ?? 'public');
  if (needed === undefined || settings.scopes.has(needed)) return;
  throw new SlackError('missing_scope', { needed, provided: [...settings.scopes].join(',') });
}
