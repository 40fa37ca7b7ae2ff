import { UsageError } from '../../model/sources.ts';
import { said } from './words.ts';

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** A namespace or cluster name by RFC 1123, or a sentence that says what is wrong with it. */
export function labelName(kind: string, typed: string): string {
  check(kind, typed, 63);
  if (!label.test(typed)) throw new UsageError(reason(kind, typed, 'letters a to z, digits and `-`'));
  return typed;
}

/** A workload's name by RFC 1123: labels joined by dots. */
export function subdomainName(kind: string, typed: string): string {
  check(kind, typed, 253);
  if (!typed.split('.').every((part) => label.test(part))) {
    throw new UsageError(reason(kind, typed, 'letters a to z, digits, `-` and `.`'));
  }
  return typed;
}

function check(kind: string, typed: string, max: number): void {
  if (typed === '') throw new UsageError(`The ${kind}'s name is empty. Type it, for example \`bookinfo\`.`);
  if (typed.length > max) {
    throw new UsageError(
      `${said(typed)} is ${typed.length} characters long; the name of a ${kind} has at most ${max}.`,
    );
  }
}

function reason(kind: string, typed: string, alphabet: string): string {
  const small = typed.toLowerCase();
  if (typed.startsWith('@')) return `${said(typed)} is a person, not a ${kind}.`;
  if (typed.startsWith('#')) return `${said(typed)} is a channel, not a ${kind}.`;
  if (small !== typed && label.test(small)) {
    return `Names in Kubernetes are in small letters: ${said(typed)} cannot be a ${kind}. Did you mean ${said(small)}?`;
  }
  return `${said(typed)} cannot be the name of a ${kind}: it may hold ${alphabet}, and starts and ends with a letter or digit.`;
}
