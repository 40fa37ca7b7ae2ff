import { Duplex } from 'node:stream';
import { type Dispatcher, WebSocket } from 'undici';
import { type ResourceType, SourceError } from '../../model/sources.ts';
import type { Connection } from './connection.ts';
import { networkFailure } from './network-failure.ts';
import { refusal } from './refusal.ts';
import { textOf, valueAt } from './values.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Every API server since 1.6 takes it; the kubelet speaks it itself. */
const protocol = 'v4.channel.k8s.io';
/** The first byte of every message. */
const channels = { data: 0, error: 1 } as const;
/** Both channels begin with the number of the port. */
const prefixBytes = 2;
const maxRefusalBytes = 1 << 16;

const pods: ResourceType = { group: '', plural: 'pods', kind: 'Pod', versions: ['v1'], namespaced: true };

/**
 * A connection to a port of a pod, through the API server and the pod's kubelet. An error that the kubelet tells later,
 * as that nothing listens there, destroys the stream.
 *
 * @throws SourceError; the signal's reason.
 */
export async function openPortForward(
  connection: Connection,
  pod: PodName,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  const { headers, dispatcher } = await connection.stream();
  signal.throwIfAborted();
  const refused: Refused = { status: 0, text: '' };
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward?ports=${port}`;
  const socket = new WebSocket(`${connection.server.replace(/^http/, 'ws')}${path}`, {
    protocols: [protocol],
    dispatcher: noticing(dispatcher, headers, refused),
  });
  socket.binaryType = 'arraybuffer';
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  socket.addEventListener('open', () => resolve(streamOver(socket)));
  socket.addEventListener('error', ({ error }) => reject(failureOf(refused, error, connection.server, pod)));
  const onAbort = () => {
    reject(signal.reason);
    socket.close();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

interface Refused {
  status: number;
  text: string;
}

/**
 * A WebSocket tells nobody why it was refused, and joins header lines of one name. So the request goes through here:
 * the credentials are added, and an answer other than the upgrade is kept.
 */
function noticing(dispatcher: Dispatcher, headers: object, refused: Refused): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const all = { ...(options.headers as Record<string, string>), ...headers };
    return dispatch(
      { ...options, headers: all },
      {
        onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
        onRequestUpgrade: (controller, status, head, socket) =>
          handler.onRequestUpgrade?.(controller, status, head, socket),
        onResponseStart: (_controller, status) => {
          refused.status = status;
        },
        onResponseData: (_controller, chunk) => {
          if (refused.text.length < maxRefusalBytes) refused.text += chunk.toString('utf8');
        },
        onResponseEnd: (controller) =>
          handler.onResponseError?.(controller, new Error(`refused with status ${refused.status}`)),
        onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
      },
    );
  });
}

function failureOf({ status, text }: Refused, error: unknown, server: string, { namespace, name }: PodName): Error {
  if (status === 0) return networkFailure(error, server);
  if (status === 404) {
    return new SourceError('unreachable', `Pod ${namespace}/${name} is not there any more.`, {
      next: 'Ask again: I then look at the pods that are there.',
    });
  }
  const body = parsed(text);
  const answer = { status, body, reason: textOf(valueAt(body, 'reason')), retryAfterMs: undefined };
  const action = { verb: 'create', resource: pods, subresource: 'portforward', namespace, name };
  return refusal(answer, action, server, {
    forbidden: `Ask an admin to allow get and create on pods/portforward in namespace ${namespace}. It is optional: only the proxies' own view needs it.`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function streamOver(socket: WebSocket): Duplex {
  const stream = new Duplex({
    read() {
      // The kubelet sends when it has something: nothing to ask for.
    },
    write(chunk: Buffer, _encoding, done) {
      socket.send(Buffer.concat([Buffer.of(channels.data), chunk]));
      done();
    },
    destroy(error, done) {
      socket.close();
      done(error);
    },
  });
  const contentOf = withoutPrefix();
  socket.addEventListener('message', ({ data }) => {
    const message = Buffer.from(data as ArrayBuffer);
    const content = contentOf(message);
    if (content.length === 0) return;
    if (message[0] === channels.data) stream.push(content);
    else stream.destroy(new Error('the kubelet could not connect to it', { cause: content.toString('utf8') }));
  });
  socket.addEventListener('error', () => stream.destroy(new Error('the connection broke off')));
  socket.addEventListener('close', () => stream.push(null));
  return stream;
}

/** A message without its channel, and without what each channel begins with. */
function withoutPrefix(): (message: Buffer) => Buffer {
  const left = new Map<number | undefined, number>(Object.values(channels).map((channel) => [channel, prefixBytes]));
  return (message) => {
    const skipped = Math.min(left.get(message[0]) ?? 0, message.length - 1);
    left.set(message[0], (left.get(message[0]) ?? 0) - skipped);
    return message.subarray(1 + skipped);
  };
}
