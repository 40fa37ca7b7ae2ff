import { UsageError } from '../model/sources.ts';
import type { Target } from '../model/target.ts';
import type { Topic } from '../model/topic.ts';
import { doctorOf } from './doctor.ts';
import { mtls } from './mtls.ts';
import { mtlsStrictReady } from './strict-readiness.ts';
import { uwm } from './uwm.ts';

const asked: readonly Topic[] = [mtls, uwm];

/** Every topic, in the order of help: the words that people type. */
export const topics: readonly Topic[] = [...asked, doctorOf(asked)];

/**
 * What is asked of a topic: a target may ask a question of its own.
 *
 * @throws UsageError where the topic does not know that question.
 */
export function topicFor(topic: Topic, { strictReady }: Target): Topic {
  if (strictReady !== true) return topic;
  if (takesStrictReady(topic)) return mtlsStrictReady;
  throw new UsageError(`--strict-ready is a question about mtls, not about ${topic.id}.`);
}

/** Whether `--strict-ready` is a question of this topic. */
export function takesStrictReady(topic: Topic): boolean {
  return topic === mtls;
}
