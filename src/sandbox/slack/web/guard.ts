import type { IncomingMessage } from 'node:http';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Why a request is refused. A name that leads here from elsewhere is not ours (DNS rebinding), and no other site may
 * do things in this one. `known` is the address that whoever started the sandbox gave it.
 */
export function untrusted({ method, headers }: IncomingMessage, known: string): string | undefined {
  const { host = '', origin } = headers;
  if (!loopback.has(nameOf(`http://${host}`)) && `http://${host}` !== known)
    return 'The sandbox answers to loopback names alone.';
  if (method === 'GET' || method === 'HEAD') return undefined;
  const isOther = origin !== undefined && origin !== `http://${host}`;
  if (isOther || headers['sec-fetch-site'] === 'cross-site') return 'Another site may not write here.';
  return undefined;
}

function nameOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : '';
}
