import { describeFixTarget, type FixRequest } from '../model/fix.ts';
import type { Report } from '../model/report.ts';

/** A fix that a report asks for, behind a button. */
export interface Offer {
  /** Stands for the command. */
  readonly id: string;
  readonly label: string;
  /** Without `/mesh`. */
  readonly command: string;
}

/** The fixes that a report's findings ask for, each once, worst finding first. */
export function offersOf(
  { findings, target: { cluster } }: Report,
  requestId: string,
  isOffered: (request: FixRequest) => boolean,
): readonly Offer[] {
  const asked = new Map<string, FixRequest>();
  for (const { fix } of findings) {
    if (fix === undefined || !isOffered(fix)) continue;
    const command = commandOf(fix, cluster);
    if (!asked.has(command)) asked.set(command, fix);
  }
  return [...asked].map(([command, fix], index) => ({
    id: `${requestId}-fix-${index + 1}`,
    label: asked.size === 1 ? 'Propose fix' : `Propose fix of ${describeFixTarget({ cluster, ...fix })}`,
    command,
  }));
}

function commandOf({ fix, ...place }: FixRequest, cluster: string): string {
  const target = { cluster, ...place };
  const where = target.namespace === undefined ? [] : [describeFixTarget(target)];
  return ['fix', fix, ...where, '--cluster', cluster].join(' ');
}
