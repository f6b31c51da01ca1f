/** How many are worked on at a time, and in all before the run ends. */
const AT_A_TIME = 25;
const MOST = 2_000;

/** What a run came to; what failed stays due and is taken up by the next run. */
export interface RunReport<W> {
  readonly done: number;
  readonly failures: readonly { readonly work: W; readonly error: unknown }[];
}

/**
 * Does the work as it is found, 25 at a time and up to 2,000 in a run. What fails holds up nothing behind it.
 *
 * @throws what finding the work throws.
 */
export async function processInBatches<W>(
  found: AsyncIterable<W>,
  carryOut: (work: W) => Promise<void>,
): Promise<RunReport<W>> {
  const failures: { work: W; error: unknown }[] = [];
  let tried = 0;
  let round: W[] = [];
  const finishRound = async () => {
    const results = await Promise.allSettled(round.map((work) => carryOut(work)));
    for (const [index, work] of round.entries()) {
      const result = results[index];
      if (result?.status === 'rejected') failures.push({ work, error: result.reason });
    }
    tried += round.length;
    round = [];
  };
  for await (const work of found) {
    round.push(work);
    if (round.length === AT_A_TIME) await finishRound();
    if (tried >= MOST) break;
  }
  await finishRound();
  return { done: tried - failures.length, failures };
}
