import { evidenceMessages, failureMessage, type Meta, verdictMessage } from '../report/slack.ts';
import type { SlackMessage } from '../report/slack-message.ts';
import type { CheckDeps } from './check.ts';
import type { UploadedFile } from './messenger.ts';
import { offersOf } from './offers.ts';
import type { CheckJob } from './queue.ts';
import type { Result } from './records.ts';

export interface Rendered {
  readonly verdict: SlackMessage;
  readonly evidence: readonly SlackMessage[];
  readonly file?: UploadedFile;
}

/** The messages that say the result. A renderer that breaks costs the picture, not the terminal message. */
export function render(
  job: CheckJob,
  result: Result,
  notes: readonly string[],
  { log, isOffered }: Pick<CheckDeps, 'log' | 'isOffered'>,
): Rendered {
  const meta = metaOf(job, result, isOffered);
  try {
    return withNotes(messagesOf(result, meta), notes);
  } catch (error) {
    log.error({ error }, 'An answer could not be rendered');
    const text = `I have an answer but cannot show it. Give an admin the reference ${job.requestId}.`;
    return withNotes({ verdict: failureMessage(text, meta), evidence: [] }, notes);
  }
}

function messagesOf(result: Result, meta: Meta): Rendered {
  if (result.kind !== 'report') return { verdict: failureMessage(result.text, meta), evidence: [] };
  const { messages, file } = evidenceMessages(result.report, meta);
  return { verdict: verdictMessage(result.report, meta), evidence: messages, ...(file !== undefined && { file }) };
}

function metaOf(
  { target, requestedBy, requestId, command }: CheckJob,
  result: Result,
  isOffered: CheckDeps['isOffered'],
): Meta {
  const tookMs = result.kind === 'report' ? result.tookMs : 0;
  const offers = result.kind === 'report' ? offersOf(result.report, requestId, isOffered) : [];
  return { cluster: target.cluster, askedBy: requestedBy.user, tookMs, requestId, command, offers };
}

/** Such as why the answer comes here and not to where it was asked. */
function withNotes(rendered: Rendered, notes: readonly string[]): Rendered {
  const blocks = notes.map((text) => ({ type: 'context', elements: [{ type: 'plain_text', text }] }));
  return { ...rendered, verdict: { ...rendered.verdict, blocks: [...rendered.verdict.blocks, ...blocks] } };
}
