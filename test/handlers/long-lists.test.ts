import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mutes } from '../../src/jobs/mutes.ts';
import { type Fixing, ids, startFixing } from './fixing.ts';

const now = () => new Date();
const later = () => new Date(Date.now() + 20 * 86_400_000).toISOString();

let f: Fixing;
before(async () => {
  f = await startFixing();
});
after(() => f.close());

const team = () => f.slack.workspace.team.id;

async function answered(line: string): Promise<string> {
  const { ok, error, answer } = await f.slack.as('ana').in('mesh').slash(line);
  assert.ok(ok, error);
  return answer?.plain ?? '';
}

describe('a list that is too long for Slack', () => {
  it('of mutes is cut, and says how many are left out', async () => {
    const by = { team: team(), user: ids.ana };
    for (let index = 0; index < 30; index += 1) {
      await mutes(f.client, now).add({
        id: `m${String(index).padStart(8, '0')}`,
        code: 'permissive',
        cluster: 'prod',
        namespace: `payments-${index}`,
        workload: `settlement-v${index}`,
        until: later(),
        at: now().toISOString(),
        by,
        because: 'being moved to the new platform, '.repeat(8),
      });
    }
    const said = await answered('/mesh mutes');
    const shown = said.match(/\bm\d{8}\b/g)?.length ?? 0;
    assert.ok(shown > 5 && shown < 30, said);
    assert.match(said, new RegExp(`\\b${30 - shown} more`));
  });

  it('of records is cut, the oldest first', async () => {
    const { id } = await f.card();
    const entry = {
      kind: 'refused' as const,
      says: 'Somebody else has to approve. '.repeat(8),
      cluster: 'prod',
      plan: id,
    };
    for (let index = 0; index < 40; index += 1) {
      await f.audit.append({
        ...entry,
        at: now().toISOString(),
        by: { team: team(), user: ids.ana },
        target: `t-${index}`,
      });
    }
    const said = await answered(`/mesh audit ${id}`);
    const shown = said.match(/\bt-\d+\b/g) ?? [];
    assert.ok(shown.length > 5 && shown.length < 40, said);
    assert.equal(shown.at(-1), 't-39');
    assert.match(said, new RegExp(`\\b${40 - shown.length} older`));
  });
});
