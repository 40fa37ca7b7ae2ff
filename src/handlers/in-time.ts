/** Slack gives up after three seconds; what takes longer is acknowledged first and answered later. */
const patienceMs = 2_000;

/** What the work gives, if it is done in time to go with the acknowledgement. */
export async function inTime<T>(
  work: Promise<T>,
): Promise<{ readonly done: true; readonly value: T } | { readonly done: false }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ readonly done: false }>((resolve) => {
    timer = setTimeout(() => resolve({ done: false }), patienceMs);
  });
  try {
    return await Promise.race([work.then((value) => ({ done: true as const, value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
