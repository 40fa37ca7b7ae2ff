import { SourceError } from '../../model/sources.ts';
import type { WriteOutcome } from '../../model/writer.ts';
import type { ApiAnswer } from './answer.ts';
import { isNeverSent } from './network-failure.ts';
import { isObject } from './objects.ts';
import { listOf, textOf, valueAt } from './values.ts';

type Failure = Exclude<WriteOutcome, { status: 'written' }>;

const apiServer = 'the API server';

/** What became of a write, from what the API server answered to it. */
export function outcomeOf(answer: ApiAnswer, deletes: boolean): WriteOutcome {
  if (answer.status >= 300) return failureOf(answer);
  if (deletes) return { status: 'written', object: null };
  if (isObject(answer.body)) return { status: 'written', object: answer.body };
  return unavailable('The API server answered with something that is no object.', 'maybe');
}

/** What became of a write to which no answer came. Whatever is no SourceError is ours, and thrown on. */
export function outcomeOfError(error: unknown): WriteOutcome {
  if (!(error instanceof SourceError)) throw error;
  const sent = error.reason === 'unauthenticated' || isNeverSent(error.cause) ? 'no' : 'maybe';
  return unavailable([error.message, error.next].filter((one) => one !== undefined).join(' '), sent);
}

function failureOf(answer: ApiAnswer): Failure {
  const said = messageOf(answer);
  const webhook = /^admission webhook "([^"]+)" denied the request/.exec(said)?.[1];
  if (webhook !== undefined) return { status: 'rejected', by: `the admission webhook ${webhook}`, detail: said };
  switch (answer.status) {
    case 401:
      return { status: 'forbidden', detail: 'The API server does not accept my credentials.' };
    case 403:
      return refused(said);
    case 404:
      return gone(answer, said);
    case 409:
      return { status: 'drifted', detail: said };
    case 422:
      return isFailedTest(answer) ? { status: 'drifted', detail: 'it was changed since' } : rejected(said);
    case 429:
      return unavailable(said, 'no');
    case 408:
      return unavailable(said, 'maybe');
    default:
      return answer.status < 500 ? rejected(said) : broken(said);
  }
}

/** RBAC names who cannot do what; admission, quotas and ending namespaces answer 403 too. */
function refused(said: string): Failure {
  const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(said)?.[1];
  if (policy !== undefined) return { status: 'rejected', by: `the ValidatingAdmissionPolicy ${policy}`, detail: said };
  const [, who, what] = /User "([^"]+)" cannot (\S+)/.exec(said) ?? [];
  if (who === undefined || what === undefined) return rejected(said);
  if (!what.startsWith('impersonate')) return { status: 'forbidden', detail: said };
  return { status: 'forbidden', detail: `${who} may not write as somebody else: ${said}` };
}

/** The object and its namespace are named where they are what is missing. */
function gone({ body }: ApiAnswer, said: string): Failure {
  return textOf(valueAt(body, 'details', 'name')) === undefined ? rejected(said) : { status: 'drifted', detail: said };
}

/** The API server does not say which test of a JSON Patch failed, nor that it was one; other refusals have causes. */
function isFailedTest({ body, reason }: ApiAnswer): boolean {
  const details = valueAt(body, 'details');
  return (
    reason === 'Invalid' && valueAt(details, 'name') === undefined && listOf(valueAt(details, 'causes')).length === 0
  );
}

/** Admission comes before the write: a webhook that cannot be asked is one that was not passed. */
function broken(said: string): Failure {
  return unavailable(said, /failed calling webhook "/.test(said) ? 'no' : 'maybe');
}

function rejected(detail: string): Failure {
  return { status: 'rejected', by: apiServer, detail };
}

function unavailable(detail: string, written: 'no' | 'maybe'): Failure {
  return { status: 'unavailable', detail, written };
}

function messageOf({ body, status }: ApiAnswer): string {
  const said = textOf(valueAt(body, 'message')) ?? textOf(body) ?? `it answered with status ${status}`;
  const line = said.replaceAll(/\s+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
