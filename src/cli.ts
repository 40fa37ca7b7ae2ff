#!/usr/bin/env node
import { styleText } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import { registerAudit } from './audit.ts';
import { type SourceOptions, withSource, withSources } from './cli-source.ts';
import { readSnapshot } from './clients/files/snapshot.ts';
import { answer, answerFrom, snapshotFor, topicOf } from './jobs/answer.ts';
import type { Severity } from './model/finding.ts';
import type { Report } from './model/report.ts';
import { SourceError, UsageError } from './model/sources.ts';
import { parseTarget, type Target } from './model/target.ts';
import type { Topic } from './model/topic.ts';
import { registerPolicy } from './policy.ts';
import { release } from './release.ts';
import { toJson } from './report/json.ts';
import { toMarkdown } from './report/markdown.ts';
import { toText } from './report/text.ts';
import { registerRights } from './rights.ts';
import { topics } from './topics/index.ts';

const exitCodes: Readonly<Record<Report['verdict'], number>> = { ok: 0, warning: 1, error: 1, unknown: 2 };
const usageExit = 3;

interface CheckOptions extends SourceOptions {
  readonly strictReady?: true;
  readonly output: 'text' | 'json' | 'markdown';
}

function program(): Command {
  const meshbot = new Command('meshbot')
    .description('Answers questions about an Istio or OpenShift service mesh.')
    .version(release(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(meshbot --help says more)')
    .addHelpText('after', examples);
  withSource(meshbot.command('check'))
    .description('judge a namespace, a workload, or the cluster')
    .argument('<topic>', `what to ask about: ${topics.map(({ id }) => id).join(', ')}`)
    .argument('[target]', 'NAMESPACE or NAMESPACE/WORKLOAD; nothing for a topic about the whole cluster')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['text', 'json', 'markdown']).default('text'),
    )
    .option('--strict-ready', 'ask whether it is safe to go STRICT instead (topic mtls)')
    .action(check);
  withSource(meshbot.command('snapshot'))
    .description('save all evidence about a namespace as JSON; Secrets are never in it')
    .argument('<target>', 'NAMESPACE or NAMESPACE/WORKLOAD')
    .action(snapshot);
  meshbot
    .command('topics')
    .description('list what can be asked')
    .action(() => write(topics.map(({ id, question }) => `${id.padEnd(10)}${question}\n`).join('')));
  registerRights(meshbot);
  registerAudit(meshbot);
  registerPolicy(meshbot);
  return meshbot;
}

const examples = `
Examples:
  meshbot check mtls bookinfo                        the cluster of your kubeconfig
  meshbot check mtls bookinfo/reviews-v1 -o json     one workload, for a program
  meshbot check mtls bookinfo --strict-ready         safe to go STRICT? Needs --prometheus URL, or --proxy-metrics
  meshbot check mtls bookinfo --files manifests/     YAML files, or an unpacked must-gather
  meshbot check doctor bookinfo                      everything at once, causes first
  meshbot check uwm                                  the whole cluster: is user-workload monitoring on?
  meshbot snapshot bookinfo > s.json                 save the evidence ...
  meshbot check mtls bookinfo --snapshot s.json      ... and judge it again later

Exit status: 0 all is well, 1 there are findings, 2 something could not be seen, 3 wrong usage.`;

async function check(topic: string, name: string | undefined, options: CheckOptions): Promise<void> {
  const started = performance.now();
  const place = placeFor(topicOf(topic), name);
  const report =
    options.snapshot === undefined ? await live(topic, place, options) : saved(topic, place, options.snapshot, options);
  const tookMs = performance.now() - started;
  const printed = { json: toJson, markdown: toMarkdown, text: (one: Report) => toText(one, { tookMs, paint }) };
  write(printed[options.output](report));
  process.exitCode = exitCodes[report.verdict];
}

async function live(topic: string, place: Place, options: CheckOptions): Promise<Report> {
  return withSources(options, async (sources) => {
    const target = targetOf(place, sources.cluster.name, options);
    const { report } = await answer({ topic, target }, sources, {
      deadlineMs: options.timeout * 1000,
      onProgress: progress,
    });
    return report;
  });
}

function saved(topic: string, place: Place, file: string, { strictReady }: CheckOptions): Report {
  const snapshot = readSnapshot(file);
  const { cluster, from } = snapshot.target;
  const target = targetOf(place, cluster, { ...(from && { from }), ...(strictReady && { strictReady }) });
  return answerFrom(snapshot, { topic, target });
}

async function snapshot(name: string, options: SourceOptions): Promise<void> {
  await withSources(options, async (sources) => {
    const target = targetOf(parseTarget(name), sources.cluster.name, options);
    const taken = await snapshotFor(target, sources, {
      deadlineMs: options.timeout * 1000,
      onProgress: progress,
    });
    write(`${JSON.stringify(taken, null, 1)}\n`);
  });
}

type Place = Pick<Target, 'namespace' | 'workload'>;

function placeFor({ id, scope }: Topic, name: string | undefined): Place {
  if (scope === 'namespace') {
    if (name !== undefined) return parseTarget(name);
    throw new UsageError(`Name the namespace to look at: meshbot check ${id} NAMESPACE.`);
  }
  if (name === undefined) return {};
  throw new UsageError(`${id} is about the whole cluster, and takes no target: meshbot check ${id}.`);
}

function targetOf(place: Place, cluster: string, { from, strictReady }: Pick<Target, 'from' | 'strictReady'>): Target {
  return {
    ...place,
    cluster,
    ...(from !== undefined && { from }),
    ...(strictReady !== undefined && { strictReady }),
  };
}

const colours = { error: 'red', warning: 'yellow', unknown: 'magenta', info: 'cyan', ok: 'green' } as const;

function paint(severity: Severity, text: string): string {
  return styleText(colours[severity], text, { stream: process.stdout });
}

function progress({ done, of }: { readonly done: number; readonly of: number }): void {
  if (process.stderr.isTTY) process.stderr.write(done < of ? `\rlooking: ${done} of ${of}` : '\r\u001b[K');
}

function write(text: string): void {
  process.stdout.write(text);
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitOf(error);
}

function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit;
  if (error instanceof UsageError) {
    process.stderr.write(`meshbot: ${error.message}\n`);
    return usageExit;
  }
  if (error instanceof SourceError) {
    process.stderr.write(`meshbot: ${[error.message, error.next].filter(Boolean).join(' ')}\n`);
    return exitCodes.unknown;
  }
  process.stderr.write(
    `meshbot: unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.unknown;
}
