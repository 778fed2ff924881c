import { Turn } from "../../packages/conversation/conversation.ts";
import { roundPrefix, turnsPrefix } from "../../packages/store/keys.ts";
import { type Figure, median } from "./figure.ts";
import { benchPrompt, mustHaveWorked } from "./job.ts";
import { leastCost } from "./least-cost.ts";
import type { Rig } from "./rig.ts";

const TURNS = 60;

/** One long run on one repository: what it cost over what a perfect cache would have cost, and what it wrote. */
export async function longRunFigures(rig: Rig): Promise<Figure[]> {
  const submit = await rig.submit(benchPrompt(TURNS, 0), rig.names.slice(0, 1));
  const { record } = await rig.ended(submit);
  mustHaveWorked(record, TURNS);
  const ref = { jobId: submit.jobId, repository: rig.names[0]!, round: 1 };
  const stored = await rig.storedBytes(roundPrefix(ref));
  const turns = await turnsOf(rig, turnsPrefix(ref));
  const messages = turns.flatMap(({ sent, received }) => [...sent, received]);
  const conversation = Buffer.byteLength(JSON.stringify(messages));
  const bytesOf = (part: string) =>
    [...stored].reduce((sum, [key, bytes]) => sum + (key.includes(part) ? bytes : 0), 0);
  const rows = await rowBytes(rig, ref);
  const kb = (bytes: number) => `${Math.round(bytes / 1_024)} KB`;
  const parts = ["turns/", "conversation.json", "transcript.html", "outcome.json"].map(
    (name) => `${name} ${kb(bytesOf(`/${name}`))}`,
  );
  const gaps = turns.slice(1).map(({ requestedAt }, i) => Date.parse(requestedAt) - Date.parse(turns[i]!.requestedAt));
  const [early, late] = [gaps.slice(5, 20), gaps.slice(-15)].map((some) => median(some));
  return [
    {
      name: "gap between late turns over early ones",
      value: late! / early!,
      goal: 2,
      unit: "x",
      note: `medians of 15, ${Math.round(early!)} and ${Math.round(late!)} ms, stand-ins included`,
    },
    {
      name: "cache cost over the lower bound",
      value: record.runs[0]!.spendUsd! / leastCost(turns)!,
      goal: 1.02,
      unit: "x",
      note: `${TURNS} turns, priced from the usage that the stand-in's cache accounts for; the bound writes each byte once and reads all before it`,
    },
    {
      name: "bytes written over the conversation",
      value: (bytesOf("") + rows) / conversation,
      goal: 1.5,
      unit: "x",
      note: `its messages are ${kb(conversation)}, ${kb(conversation / TURNS)} a turn; at rest: ${[...parts, `images of its row ${kb(rows)}`].join(", ")}`,
    },
  ];
}

async function turnsOf({ artifacts }: Rig, prefix: string): Promise<Turn[]> {
  const turns: Turn[] = [];
  for await (const key of artifacts.list(prefix))
    turns.push(Turn.parse(JSON.parse(new TextDecoder().decode(await artifacts.read(key)))));
  return turns;
}

/** DynamoDB writes a whole item at each change of it: the images that the stream carries. */
async function rowBytes({ stream }: Rig, { jobId, repository }: { jobId: string; repository: string }) {
  const records = await stream.read("", Number.MAX_SAFE_INTEGER);
  return records
    .filter(({ dynamodb: { Keys } }) => Keys.pk!.S === `JOB#${jobId}` && Keys.sk!.S === `REPO#${repository}`)
    .reduce((sum, { dynamodb }) => sum + dynamodb.SizeBytes, 0);
}
