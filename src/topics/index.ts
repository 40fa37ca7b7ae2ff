import { UsageError } from '../model/sources.ts';
import type { Target } from '../model/target.ts';
import type { Topic } from '../model/topic.ts';
import { mtls } from './mtls.ts';
import { mtlsStrictReady } from './strict-readiness.ts';

/** Every topic, sorted by id: the words that people type. */
export const topics: readonly Topic[] = [mtls];

/**
 * What is asked of a topic: a target may ask a question of its own.
 *
 * @throws UsageError where the topic does not know that question.
 */
export function topicFor(topic: Topic, { strictReady }: Target): Topic {
  if (strictReady !== true) return topic;
  if (topic === mtls) return mtlsStrictReady;
  throw new UsageError(`--strict-ready is a question about mtls, not about ${topic.id}.`);
}
