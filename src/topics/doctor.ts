import type { Check } from '../model/check.ts';
import { defineTopic, type Topic } from '../model/topic.ts';
import { evidenceOf } from './evidence.ts';

/** Everything at once: all that is asked of a namespace, and of the cluster what is there. */
export function doctorOf(topics: readonly Topic[]): Topic {
  const ofNamespace = topics.filter(({ scope }) => scope === 'namespace');
  const ofCluster = topics.filter(({ scope }) => scope === 'cluster');
  return defineTopic({
    id: 'doctor',
    title: 'Everything at once',
    question: 'What is wrong there, by everything I know to look at, causes first?',
    scope: 'namespace',
    checks: [...checksOf(ofNamespace), ...checksOf(ofCluster).map(alongside)],
    allWell: (place, coverage) =>
      `Nothing is wrong in ${place}. ${ofNamespace.map(({ allWell }) => allWell(place, coverage)).join('. ')}`,
    cannotTell: (place) => `I cannot tell whether all is well in ${place}`,
    needs: [],
    wants: [...new Set(ofNamespace.flatMap(({ needs, wants = [] }) => [...needs, ...wants]))],
    facts(_, target, also) {
      const known = ofNamespace.filter(({ needs }) => needs.every((kind) => also[kind] !== undefined));
      return Object.assign({}, ...known.map(({ facts }) => facts(also as Parameters<typeof facts>[0], target, also)));
    },
  });
}

function checksOf(topics: readonly Topic[]): readonly Check[] {
  return [...new Set(topics.flatMap(({ checks }) => checks))];
}

/** A check of the whole cluster, asked along: where its evidence is missing, the rest of the answer stands without it. */
function alongside(check: Check): Check {
  return { ...check, needs: [], wants: evidenceOf(check) };
}
