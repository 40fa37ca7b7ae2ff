import { type Bench, figure } from './measure/bench.ts';
import { runProgram } from './measure/program.ts';
import { median } from './measure/statistics.ts';

const sizes = [250, 500, 1000];
const clients = 50;

interface Taken {
  readonly ms: number;
  readonly found: number;
  readonly peakMb: number;
}

export const matrix: Bench = {
  about: 'what becomes of each call of 50 clients to 250, 500 and 1,000 Services, in memory',
  async run({ quick }) {
    const taken = new Map<number, Taken[]>(sizes.map((size) => [size, []]));
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      for (const size of sizes) taken.get(size)?.push(await foretell(size));
    }
    const ms = (size: number) => median((taken.get(size) ?? []).map((one) => one.ms));
    const peakMb = median((taken.get(1000) ?? []).map((one) => one.peakMb));
    return {
      figures: [
        figure('1,000 Services × 50 clients', { unit: 'ms', ours: ms(1000), atMost: 1000 }),
        figure('1,000 Services × 50 clients, peak of the whole process', { unit: 'MB', ours: peakMb, atMost: 200 }),
        figure('growth: 500 against 250 Services', { unit: 'ms', ours: ms(500), bare: ms(250) }),
        figure('growth: 1,000 against 500 Services', { unit: 'ms', ours: ms(1000), bare: ms(500), atMostTimes: 2.5 }),
      ],
    };
  },
};

/** Each in a process of its own: none profits from what another has warmed up, or left in memory. */
async function foretell(services: number): Promise<Taken> {
  const taken: Taken = JSON.parse(await runProgram(['bench/programs/connections.ts', `${services}`, `${clients}`]));
  if (taken.found !== services * clients) throw new Error(`${taken.found} connections of ${services * clients}`);
  return taken;
}
