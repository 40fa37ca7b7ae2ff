import type { ResourceType } from '../../model/sources.ts';
import type { Connection } from './connection.ts';
import { type Action, refusal } from './refusal.ts';
import { textOf, valueAt } from './values.ts';

/** Somebody as the API server knows them. */
export interface Account {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface ReviewOptions {
  /** Absent: whoever we are. Asking about others takes the right to create SubjectAccessReviews. */
  readonly as?: Account;
  /** What to do where we may not ask about others. Absent: what to type in a terminal. */
  readonly next?: string;
  readonly signal?: AbortSignal;
}

/** An account by its name. For a service account the groups are those that the API server gives it. */
export function accountOf(user: string): Account {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? [];
  const own = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return { user, groups: [...own, 'system:authenticated'] };
}

/**
 * Whether an action is allowed, as the API server decides it, RBAC and other authorizers alike. It is not done.
 *
 * @throws SourceError where it cannot be asked.
 */
export async function isAllowed(
  connection: Connection,
  { verb, resource: { group, plural }, subresource, namespace, name }: Action,
  { as, next, signal }: ReviewOptions = {},
): Promise<boolean> {
  const review = as === undefined ? selfReviews : reviews;
  const resourceAttributes = { verb, group, resource: plural, subresource, namespace, name };
  const answer = await connection.request({
    method: 'POST',
    path: `/apis/${review.group}/v1/${review.plural}`,
    body: {
      apiVersion: `${review.group}/v1`,
      kind: review.kind,
      spec: { resourceAttributes, ...(as !== undefined && { user: as.user, groups: as.groups }) },
    },
    ...(signal !== undefined && { signal }),
  });
  if (answer.status >= 300)
    throw refusal(answer, { verb: 'create', resource: review }, connection.server, { forbidden: next ?? forbidden });
  return valueAt(answer.body, 'status', 'allowed') === true;
}

/** Who we are, where the API server says so (since Kubernetes 1.28). */
export async function whoAmI(connection: Connection, signal?: AbortSignal): Promise<string | undefined> {
  const answer = await connection.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    ...(signal !== undefined && { signal }),
  });
  return answer.status < 300 ? textOf(valueAt(answer.body, 'status', 'userInfo', 'username')) : undefined;
}

const forbidden =
  'To ask about another account you must be allowed to create SubjectAccessReviews: ask as a cluster admin, or ask without --as with the credentials of that account.';

const selfReviews = review('selfsubjectaccessreviews', 'SelfSubjectAccessReview');
const reviews = review('subjectaccessreviews', 'SubjectAccessReview');

function review(plural: string, kind: string): ResourceType {
  return { group: 'authorization.k8s.io', plural, kind, versions: ['v1'], namespaced: false };
}
