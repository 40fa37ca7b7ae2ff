import { strictReadiness } from '../checks/strict-readiness.ts';
import { defineTopic } from '../model/topic.ts';

/** What `--strict-ready` asks of topic `mtls`. */
export const mtlsStrictReady = defineTopic({
  id: 'mtls',
  title: 'Ready for STRICT mTLS',
  question: 'Is it safe to go STRICT?',
  scope: 'namespace',
  checks: [strictReadiness],
  allWell: (place) => `${place} is safe to go STRICT`,
  notWell: (place) => `${place} is not safe to go STRICT`,
  cannotTell: (place) => `I cannot tell whether ${place} is safe to go STRICT`,
  needs: [],
  facts: () => ({}),
});
