export type LookedOver = { looked: number; started: number; failed: number };

/** One after another. What fails is reported and stays due; it keeps nothing else waiting. */
export async function lookOver<Due>(
  pages: AsyncIterable<Due[]>,
  look: (due: Due) => Promise<"started" | "nothing">,
  report: (due: Due, error: unknown) => void,
): Promise<LookedOver> {
  const result: LookedOver = { looked: 0, started: 0, failed: 0 };
  for await (const page of pages)
    for (const due of page) {
      result.looked += 1;
      try {
        if ((await look(due)) === "started") result.started += 1;
      } catch (error) {
        result.failed += 1;
        report(due, error);
      }
    }
  return result;
}
