import type { Command } from 'commander';
import { stringify } from 'yaml';
import { PolicyError, readPolicy } from './clients/files/policy.ts';
import { impersonationRole } from './clients/kubernetes/impersonation-role.ts';
import { fixes } from './fixes/index.ts';
import type { Policy } from './model/policy.ts';
import { UsageError } from './model/sources.ts';
import { policyText } from './report/policy.ts';
import { topics } from './topics/index.ts';

/** `meshbot policy`: exit status 0 where the file can be followed, 1 where it cannot. */
export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('look at the file that says who may do what');
  policy
    .command('check')
    .description('say all that is wrong with it, or what it allows')
    .argument('<file>', 'the policy file')
    .option('--clusters <names>', 'those that there are, as in CLUSTERS: digests may be of no others')
    .action((file: string, { clusters }: { readonly clusters?: string }) =>
      withPolicy(
        file,
        policyText,
        clusters?.split(',').map((name) => name.trim()),
      ),
    );
  policy
    .command('rbac')
    .description('print the ClusterRole that lets the fixer write as the people it maps, and as nobody else')
    .argument('<file>', 'the policy file')
    .option('--service-account <account>', 'of the fixer, as NAMESPACE/NAME', 'meshbot/fixer')
    .action((file: string, { serviceAccount }: { readonly serviceAccount: string }) => {
      const account = accountOf(serviceAccount);
      withPolicy(file, (read) => rbacText(read, account));
    });
}

function withPolicy(file: string, say: (policy: Policy) => string, clusters?: readonly string[]): void {
  try {
    const policy = readPolicy(
      file,
      fixes.map(({ id }) => id),
      { topics: topics.map(({ id }) => id), ...(clusters !== undefined && { clusters }) },
    );
    process.stdout.write(say(policy));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function rbacText(policy: Policy, account: ReturnType<typeof accountOf>): string {
  const objects = impersonationRole(policy, account);
  if (objects.length === 0)
    return '# The policy maps nobody: the fixer writes as itself. Where it had the right for more, take it away:\n# kubectl delete clusterrole,clusterrolebinding meshbot-impersonation\n';
  return objects.map((object) => stringify(object)).join('---\n');
}

function accountOf(typed: string): { readonly namespace: string; readonly name: string } {
  const [, namespace = '', name = ''] = /^([-a-z0-9]+)\/([-a-z0-9.]+)$/.exec(typed) ?? [];
  if (namespace === '') throw new UsageError(`"${typed}" is no service account. Write NAMESPACE/NAME.`);
  return { namespace, name };
}
