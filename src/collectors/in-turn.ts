/**
 * Works through a list in order, a few at a time. What was learnt from those before may change how the next is done.
 * Answers stand in the order of the list.
 */
export async function inTurn<T, V>(
  list: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<V>,
): Promise<readonly V[]> {
  const queue = list.entries();
  const answers: V[] = [];
  const turn = async () => {
    for (const [index, one] of queue) answers[index] = await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  return answers;
}
