import { z } from "zod";

/**
 * What Lambda hands over from a DynamoDB stream, as far as we read it. Only keys: the reader of a change reads the row
 * itself. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
const StreamEvent = z.object({
  Records: z.array(
    z.object({
      eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
      dynamodb: z.object({
        Keys: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
        SequenceNumber: z.string(),
      }),
    }),
  ),
});

/** One changed row of a job; `round` rows carry their number. */
export type RowChange = { jobId: string; inserted: boolean; sequenceNumber: string } & (
  | { row: "job" | "card" | "repository" | "ask" }
  | { row: "round"; round: number }
);

/** Rows that belong to no job (saved jobs) and removed ones ask for nothing. Throws on any other shape of event. */
export function rowChanges(event: unknown): RowChange[] {
  return StreamEvent.parse(event).Records.flatMap(({ eventName, dynamodb: { Keys, SequenceNumber } }): RowChange[] => {
    const jobId = /^JOB#(j[0-9a-f]{16})$/.exec(Keys.pk.S)?.[1];
    if (!jobId || eventName === "REMOVE") return [];
    const change = { jobId, inserted: eventName === "INSERT", sequenceNumber: SequenceNumber };
    const round = /^ROUND#(\d+)$/.exec(Keys.sk.S)?.[1];
    if (round) return [{ ...change, row: "round", round: Number(round) }];
    if (Keys.sk.S === "JOB") return [{ ...change, row: "job" }];
    if (Keys.sk.S === "CARD") return [{ ...change, row: "card" }];
    if (Keys.sk.S.startsWith("ASK#")) return [{ ...change, row: "ask" }];
    return Keys.sk.S.startsWith("REPO#") ? [{ ...change, row: "repository" }] : [];
  });
}

/** Campaigns whose own row has changed. */
export function campaignChanges(event: unknown): { campaignId: string; sequenceNumber: string }[] {
  return StreamEvent.parse(event).Records.flatMap(({ eventName, dynamodb: { Keys, SequenceNumber } }) => {
    const campaignId = /^CAMPAIGN#(c[0-9a-f]{16})$/.exec(Keys.pk.S)?.[1];
    const isOwn = campaignId !== undefined && Keys.sk.S === "CAMPAIGN" && eventName !== "REMOVE";
    return isOwn ? [{ campaignId, sequenceNumber: SequenceNumber }] : [];
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html */
export type BatchResponse = { batchItemFailures: { itemIdentifier: string }[] };

/**
 * Runs `act` for each job's changes, jobs side by side, one job's in order. A job that fails is reported from its
 * first change on and delivered again; the others have been served already, and serving them twice is harmless.
 */
export async function perJob(
  changes: RowChange[],
  act: (jobId: string, changes: RowChange[]) => Promise<void>,
  report: (jobId: string, error: unknown) => void,
): Promise<BatchResponse> {
  const jobs = [...Map.groupBy(changes, (change) => change.jobId)];
  const failures = await Promise.all(
    jobs.map(async ([jobId, ofJob]) => {
      try {
        await act(jobId, ofJob);
        return [];
      } catch (error) {
        report(jobId, error);
        return [{ itemIdentifier: ofJob[0]!.sequenceNumber }];
      }
    }),
  );
  return { batchItemFailures: failures.flat() };
}
