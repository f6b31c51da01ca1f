/** Has several take from what comes, each the next when it is done, so that no more than `width` are under way. */
export async function inParallel<T>(
  source: Iterable<T>,
  width: number,
  work: (next: T) => Promise<void>,
): Promise<void> {
  const shared = source[Symbol.iterator]();
  const worker = async () => {
    for (let next = shared.next(); next.done !== true; next = shared.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
