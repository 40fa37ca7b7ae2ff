import type { RichTextElement } from '@slack/types';
import type { Remediation } from '../model/remediation.ts';
import { bold, text, time } from './fix-parts.ts';
import { shorten } from './slack-message.ts';

const longest = 600;
const again = 'It is tried again every minute';

/** Whether nobody should approve it: the fixer would not apply it as things are. */
export function isRefused({ state, tried }: Pick<Remediation, 'state' | 'tried'>): boolean {
  return state === 'proposed' && tried?.outcome === 'refused';
}

/** What the fixer found before anybody approved, while that counts. A plan that takes another one back is not tried. */
export function trialFact({ state, plan, tried }: Remediation): readonly [] | readonly [readonly RichTextElement[]] {
  if (state !== 'proposed' || plan.undoOf !== undefined) return [];
  const why = shorten(tried?.why ?? '', longest);
  switch (tried?.outcome) {
    case undefined:
      return [[bold('Dry run'), text('  The fixer was not heard yet: whether it can be applied is not known.')]];
    case 'ok':
      return [[bold('Dry run'), text('  The API server takes it, as of '), time(tried?.at ?? '')]];
    case 'refused':
      return [[bold('Cannot be applied yet:'), text(` ${why} ${again}, and can be approved once it works.`)]];
    case 'drifted':
      return [[bold('Does not fit any more:'), text(` ${why} Who approves it gets a new plan of what is there now.`)]];
    case 'unknown':
      return [[bold('Dry run'), text(`  It could not be made: ${why} ${again}.`)]];
  }
}
