import type { FixHelp } from './fix-grammar.ts';

/** A topic as far as the grammar needs it. */
export interface TopicHelp {
  readonly id: string;
  /** A topic about the whole cluster takes no place. */
  readonly scope: 'namespace' | 'cluster';
  /** Whether it may be asked with `--strict-ready`. */
  readonly strictReady?: true;
  /** What it answers, as a question. */
  readonly title: string;
  /** A whole command without `/mesh`: `mtls bookinfo`. */
  readonly example: string;
  /** Of everything that its answers can find: what `mute` takes. */
  readonly codes?: readonly string[];
}

/** What can be asked here. */
export interface Vocabulary {
  readonly topics: readonly TopicHelp[];
  readonly fixes: readonly FixHelp[];
  readonly clusters: readonly string[];
  /** Meant where `--cluster` is not given. Needed only where there is more than one. */
  readonly defaultCluster?: string;
}
