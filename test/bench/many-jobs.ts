import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeLine } from "../../packages/stand-ins/dynamodb/journal-file.ts";
import { type StreamRecord, sequenceNumber } from "../../packages/stand-ins/dynamodb/stream-record.ts";

/** A day back each time, so that lists have an order and months differ. */
const STEP_MS = 60 * 60_000;

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").filter(Boolean);
const nthId = (n: number) => `j${(0xbe0000000 + n).toString(16).padStart(16, "0")}`;
const earlier = (text: string, ms: number) =>
  text.replace(/\b2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\b/g, (time) => new Date(Date.parse(time) - ms).toISOString());

/**
 * Turns the one job of a stopped stack into as many, with everything that the table's stream and Slack keep of it, as if
 * the stack had run them all.
 */
export function multiplyJob(folder: string, jobId: string, jobs: number): void {
  const stream = join(folder, "dynamodb/stream.log");
  const records = linesOf(stream).map((line) => JSON.parse(line.slice(line.indexOf(" ") + 1)) as StreamRecord);
  const texts = records.map((record) => JSON.stringify(record)).filter((text) => text.includes(jobId));
  let sequence = records.length;
  const copies: Buffer[] = records.map(encodeLine);
  for (let n = 1; n < jobs; n++)
    for (const text of texts) {
      const record = JSON.parse(earlier(text.replaceAll(jobId, nthId(n)), n * STEP_MS)) as StreamRecord;
      sequence += 1;
      record.dynamodb.SequenceNumber = sequenceNumber(sequence);
      copies.push(encodeLine(record));
    }
  writeFileSync(stream, Buffer.concat(copies));
  for (const reader of ["stream-drive", "stream-notify"])
    writeFileSync(join(folder, reader), `${sequenceNumber(sequence)}\n`);

  const workspace = join(folder, "slack/workspace.jsonl");
  const said = linesOf(workspace);
  const ofJob = said.filter((line) => line.includes(jobId));
  const earlierTs = (line: string, n: number) =>
    line.replace(
      /\b(1[78]\d{8})\.(\d{6})\b/g,
      (_, seconds, rest) => `${Number(seconds) - (n * STEP_MS) / 1_000}.${rest}`,
    );
  const more = Array.from({ length: jobs - 1 }, (_, i) =>
    ofJob.map((line) => earlierTs(line.replaceAll(jobId, nthId(i + 1)), i + 1)),
  ).flat();
  writeFileSync(workspace, [...said, ...more, ""].join("\n"));
}
