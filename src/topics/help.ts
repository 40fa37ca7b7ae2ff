import { topics } from './index.ts';

/** What help says of each topic. */
export function topicHelp(): readonly { readonly id: string; readonly title: string; readonly example: string }[] {
  return topics.map(({ id, question }) => ({ id, title: question, example: `${id} bookinfo` }));
}
