import type { Target } from './target.ts';

/** What is asked: a topic, of a target. */
export interface Question {
  readonly topic: string;
  readonly target: Target;
}

/** How far the answer has come: kinds of evidence that are in. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}
