import type { Topic } from '../model/topic.ts';
import { takesStrictReady, topics } from './index.ts';

/** A topic as help and the grammar of commands need it. */
export interface TopicLine extends Pick<Topic, 'id' | 'scope'> {
  /** Whether it may be asked with `--strict-ready`. */
  readonly strictReady?: true;
  /** What it answers, as a question. */
  readonly title: string;
  /** A whole command without `/mesh`. */
  readonly example: string;
  /** Of everything that its answers can find. */
  readonly codes: readonly string[];
}

/** What help says of each topic. */
export function topicHelp(): readonly TopicLine[] {
  return topics.map((topic) => {
    const { id, question: title, scope } = topic;
    const example = scope === 'cluster' ? id : `${id} bookinfo`;
    const codes = topic.checks.flatMap((check) => Object.keys(check.codes));
    return { id, scope, title, example, codes, ...(takesStrictReady(topic) && { strictReady: true as const }) };
  });
}
