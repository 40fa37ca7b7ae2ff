type Tidy = () => unknown;

const tidies = new Set<Tidy>();

/** Has something done when a bench ends, however it does: nothing that it started may stay behind. */
export function onEnd(tidy: Tidy): () => void {
  tidies.add(tidy);
  return () => void tidies.delete(tidy);
}

/** Undoes what benches did, the latest first. */
export async function tidyUp(): Promise<void> {
  for (const tidy of [...tidies].toReversed()) {
    tidies.delete(tidy);
    try {
      await tidy();
    } catch (error) {
      process.stderr.write(`Not tidied up: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
