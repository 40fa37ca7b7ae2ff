import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { redact } from '../../model/redact.ts';
import { SourceError } from '../../model/sources.ts';
import { textOf, valueAt } from './values.ts';

/** What the API server said, as plain data. */
export interface ApiAnswer {
  readonly status: number;
  /** The parsed JSON; for a refusal mostly a `Status` of the Kubernetes API, else the plain text. */
  readonly body: unknown;
  /** `metav1.Status.reason`: `Forbidden`, `NotFound`, `Expired`, … */
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
}

const unzip = promisify(gunzip);
const maxUnzippedBytes = 512 << 20;

/** @throws SourceError where something else than a Kubernetes API answered: a proxy, a log-in page. */
export async function readAnswer(response: Dispatcher.ResponseData, server: string): Promise<ApiAnswer> {
  const { statusCode: status, headers } = response;
  const text = await bodyText(response);
  const type = textOf(headers['content-type']) ?? '';
  const retryAfterMs = retryAfter(textOf(headers['retry-after']));
  if (status >= 300 && status < 400) throw redirected(status, textOf(headers.location), server);
  const body = type.includes('json') ? parseJson(text, server) : text;
  if (typeof body === 'string' && (status < 300 || looksLikePage(type, text)))
    throw notKubernetes(text, status, server);
  return { status, body, retryAfterMs, reason: textOf(valueAt(body, 'reason')) };
}

async function bodyText({ body, headers }: Dispatcher.ResponseData): Promise<string> {
  const bytes = Buffer.from(await body.arrayBuffer());
  if (headers['content-encoding'] !== 'gzip') return bytes.toString('utf8');
  return (await unzip(bytes, { maxOutputLength: maxUnzippedBytes })).toString('utf8');
}

/** In seconds, or as a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function parseJson(text: string, server: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const begin = excerpt(text);
    throw new SourceError('invalid', `${server} sent JSON that is cut off or broken, beginning with "${begin}".`, {
      next: 'Ask again; if it stays so, a proxy on the way damages the answers of the API server.',
      cause,
    });
  }
}

function looksLikePage(type: string, text: string): boolean {
  return type.includes('html') || /^\s*<(!doctype|html)/i.test(text);
}

function notKubernetes(text: string, status: number, server: string): SourceError {
  const said = excerpt(text);
  const what = said === '' ? 'nothing' : `"${said}"`;
  return new SourceError(
    'unreachable',
    `${server} answered, but not as a Kubernetes API: status ${status} and ${what}.`,
    {
      next: 'Check the address of the cluster. A log-in page or a proxy may stand in between: then log in again, or set NO_PROXY.',
    },
  );
}

function redirected(status: number, location: string | undefined, server: string): SourceError {
  const host = URL.parse(location ?? '', server)?.host ?? 'another place';
  return new SourceError(
    'unreachable',
    `${server} sent me on to ${host} (status ${status}), which a Kubernetes API never does.`,
    {
      next: 'Check the address of the cluster. A log-in page or a proxy may stand in between: then log in again, or set NO_PROXY.',
    },
  );
}

/** The first words that a person would read. */
function excerpt(text: string): string {
  const readable = text
    .slice(0, 4000)
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ');
  const words = redact(readable).replaceAll(/\s+/g, ' ').trim();
  return words.length > 80 ? `${words.slice(0, 80)}…` : words;
}
