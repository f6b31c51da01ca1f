/** Items processed at the same time. */
const BATCH_SIZE = 25;
/** Items that one run processes at most. */
const MAX_ITEMS = 2_000;

/** The time of a scheduled run. */
export interface RunTime {
  /** False once the run should start nothing more, because it would be ended. */
  readonly hasTime: () => boolean;
}

/** Result of a scheduled run. A failed item stays due, and the next run takes it up. */
export interface RunReport<T> {
  readonly done: number;
  readonly failures: readonly { readonly item: T; readonly error: unknown }[];
}

/**
 * Processes items as they arrive, 25 at a time and up to 2,000 in a run. A failed item delays no other.
 *
 * @throws whatever `items` throws while it is read.
 */
export async function processInBatches<T>(
  items: AsyncIterable<T>,
  processItem: (item: T) => Promise<void>,
): Promise<RunReport<T>> {
  const failures: { item: T; error: unknown }[] = [];
  let processed = 0;
  let batch: T[] = [];
  const processBatch = async () => {
    const results = await Promise.allSettled(batch.map(processItem));
    for (const [index, item] of batch.entries()) {
      const result = results[index];
      if (result?.status === 'rejected') failures.push({ item, error: result.reason });
    }
    processed += batch.length;
    batch = [];
  };
  for await (const item of items) {
    batch.push(item);
    if (batch.length === BATCH_SIZE) await processBatch();
    if (processed >= MAX_ITEMS) break;
  }
  await processBatch();
  return { done: processed - failures.length, failures };
}
