import type { Topic } from '../model/topic.ts';
import { mtls } from './mtls.ts';

/** Every topic, sorted by id: the words that people type. */
export const topics: readonly Topic[] = [mtls];
