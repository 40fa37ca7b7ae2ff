import { type Command, InvalidArgumentError, Option } from 'commander';
import { impatientRedis, redisReady } from './clients/redis.ts';
import { ConfigError, type Environment, reader } from './environment.ts';
import { type AuditLog, type AuditVerdict, auditLog } from './jobs/audit/audit.ts';
import { SourceError, UsageError } from './model/sources.ts';
import { auditText } from './report/audit-text.ts';

interface AuditOptions {
  readonly redis?: string;
  readonly output: 'text' | 'json';
}

interface ShowOptions extends AuditOptions {
  readonly plan?: string;
  readonly last: number;
}

const patienceMs = 3_000;

/**
 * `meshbot audit verify`: exit status 0 where the chain holds, 1 where it is broken, 2 where there is nothing. `show`: 0.
 * Both: 2 where it cannot be read.
 */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('read the audit log, or check that nobody changed it');
  withRedis(audit.command('verify'))
    .description('walk the whole chain; exit status 1 where it is broken, 2 where there is none')
    .action(async (options: AuditOptions) => {
      const verdict = await withLog(options, (log) => log.verify());
      print(options, verdict, verdictText(verdict));
      process.exitCode = 'brokenAt' in verdict ? 1 : verdict.records === 0 ? 2 : 0;
    });
  withRedis(audit.command('show'))
    .description('print the newest records')
    .option('--plan <id>', 'only those of one plan')
    .option('--last <number>', 'how many', wholeNumber, 50)
    .action(async (options: ShowOptions) => {
      const { plan, last } = options;
      const records = await withLog(options, (log) => log.last(last, plan === undefined ? {} : { plan }));
      if (records.length === 0) process.stderr.write('The audit log holds no such record.\n');
      print(options, records, auditText(records, { diffs: plan !== undefined }));
    });
}

/** An empty log is what is left of one that was deleted, too. */
function verdictText(verdict: AuditVerdict): string {
  if ('brokenAt' in verdict) return `✖ The audit log is broken at record ${verdict.brokenAt}: ${verdict.why}\n`;
  if (verdict.records === 0) {
    return '? There is no record, so nothing is verified. Is this the Redis of meshbot? If there ever was a record, the log was deleted.\n';
  }
  return `✔ ${verdict.records} records, none changed or missing. The last hash is ${verdict.head}.\n`;
}

function withRedis(command: Command): Command {
  return command
    .option('--redis <url>', 'where the log is kept (default: $REDIS_URL, or the file that $REDIS_URL_FILE names)')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'));
}

async function withLog<T>({ redis: given }: AuditOptions, read: (log: AuditLog) => Promise<T>): Promise<T> {
  const url = redisUrl(given === undefined ? process.env : { REDIS_URL: given });
  const redis = impatientRedis({ url, name: 'meshbot-audit', onError: () => {} });
  try {
    await redisReady(redis, patienceMs);
    return await read(auditLog(redis));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError('unreachable', `The audit log is not read. ${why.replace(/\.?$/, '.')}`, { cause });
  } finally {
    redis.disconnect();
  }
}

function redisUrl(env: Environment): string {
  const read = reader(env);
  try {
    return read.result(read.secret('REDIS_URL', /^rediss?:\/\//, 'redis://… or rediss://…, or --redis URL'));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.problems.join(' '));
    throw error;
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1.');
}

function print({ output }: AuditOptions, value: unknown, text: string): void {
  process.stdout.write(output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text);
}
