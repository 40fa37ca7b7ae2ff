import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { isJson, type Json, parsed } from './json.ts';

const mostBytes = 20_000_000;

export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBytes) throw new Error('The request is too large for the sandbox');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body of a call: a form or JSON. */
export async function argsOf(request: IncomingMessage): Promise<Json> {
  const body = (await bytesOf(request)).toString();
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const isForm = !String(request.headers['content-type']).includes('json');
  const sent = isForm ? { ...parse(body) } : parsed(body);
  return { ...Object.fromEntries(query), ...(isJson(sent) ? sent : {}) };
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
}
