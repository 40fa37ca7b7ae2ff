import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import type { Target } from '../../model/target.ts';
import { labelName, subdomainName } from './names.ts';
import type { Options } from './options.ts';
import type { TopicHelp, Vocabulary } from './vocabulary.ts';
import { said } from './words.ts';

function isPlace(typed: string): boolean {
  return /^[a-z0-9][-a-z0-9]{0,62}(?:\/[a-z0-9][-.a-z0-9]{0,252})?$/.test(typed);
}

export function clusterOf({ cluster }: Options, { clusters, defaultCluster }: Vocabulary): string {
  const listed = clusters.map((name) => `\`${name}\``).join(', ');
  if (cluster === undefined) {
    const only = clusters.length === 1 ? clusters[0] : defaultCluster;
    if (only === undefined) throw new UsageError(`Say which cluster: add \`--cluster\` and one of ${listed}.`);
    return only;
  }
  const name = clusters.find((known) => known === cluster.toLowerCase());
  if (name !== undefined) return name;
  const [near] = nearest(cluster.slice(0, 64), clusters);
  const meant = near === undefined ? `I know ${listed}.` : `Did you mean \`--cluster ${near}\`?`;
  throw new UsageError(`I don't know a cluster ${said(cluster)}. ${meant}`);
}

export function wholeCluster({ id }: TopicHelp, [place]: readonly string[], options: Options, cluster: string): Target {
  const { from, strictReady } = options;
  if (place === undefined && from === undefined && strictReady === undefined) return { cluster };
  throw new UsageError(`\`${id}\` is about the whole cluster: type \`/mesh ${id}\` alone.`);
}

export function targetOf(topic: TopicHelp, words: readonly string[], cluster: string): Target {
  const [place, second] = words;
  if (place === undefined) {
    throw new UsageError(`Name the namespace to look at, for example \`/mesh ${topic.example}\`.`);
  }
  if (second !== undefined) {
    const joined = isPlace(`${place}/${second}`)
      ? ` For one workload type \`/mesh ${topic.id} ${place}/${second}\`.`
      : '';
    throw new UsageError(`I can look at one place at a time, and read ${said(words.join(' '))} as several.${joined}`);
  }
  const [namespace = '', workload, ...more] = place.split('/');
  if (more.length > 0) {
    throw new UsageError(
      `${said(place)} has too many parts. Type a namespace, or a namespace and a workload: \`bookinfo/reviews-v1\`.`,
    );
  }
  return {
    cluster,
    namespace: labelName('namespace', namespace),
    ...(workload !== undefined && { workload: subdomainName('workload', workload) }),
  };
}
