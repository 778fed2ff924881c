import { setTimeout as sleep } from "node:timers/promises";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import type { ApiCall } from "../../packages/stand-ins/slack/web-api/api.ts";
import { renderCard } from "../../packages/views/card.ts";
import { type Figure, percentile } from "./figure.ts";
import { benchPrompt } from "./job.ts";
import type { Rig, Submit } from "./rig.ts";

const JOBS = 50;
const TURNS = 3;
const SHOWN_WITHIN_MS = 60_000;
const GIVE_UP_MS = 45 * 60_000;

/** Updates a minute that another process makes with the same token: then ours are too many for Slack. */
const OTHERS_UPDATES = 25;

/**
 * 50 jobs of five repositories, submitted one after the other into one channel as fast as one person's modal allows,
 * while another deployment of the same app uses half of what Slack allows: so Slack does refuse.
 */
export async function loadFigures(rig: Rig): Promise<Figure[]> {
  await using _other = await otherDeployment(rig);
  const submits: Submit[] = [];
  for (let i = 0; i < JOBS; i++) submits.push(await rig.submit(benchPrompt(TURNS, 0), rig.names));
  const records = await untilAllRest(rig, submits);
  const endedAt = Math.max(...records.flatMap(({ rounds }) => rounds.map((round) => Date.parse(round.finishedAt!))));
  const late = await untilCardsAreRight(rig, records, endedAt);
  const calls = rig.slack.calls.filter(({ channel }) => channel !== OTHERS_CHANNEL);
  const refused = calls.filter(({ error }) => error === "ratelimited");
  const runs = records.flatMap((record) => record.runs);
  const minutes = ((endedAt - submits[0]!.submittedAt) / 60_000).toFixed(1);
  return [
    {
      name: "load: runs that ended wrongly",
      value: runs.filter(({ state }) => state !== "unchanged").length,
      goal: 0,
      unit: "wrong",
      note: `${JOBS} jobs, ${runs.length} runs of ${TURNS} turns in ${minutes} minutes; ack p99 of the submits ${percentile(
        submits.map(({ ackMs }) => ackMs),
        99,
      ).toFixed(0)} ms, ${submits.filter(({ presses }) => presses > 1).length} of them pressed again`,
    },
    {
      name: "load: 429 without a second try",
      value: refused.filter((call) => !repeated(calls, call)).length,
      goal: 0,
      unit: "calls",
      note: `Slack refused ${refused.length} of ${calls.length} calls (${OTHERS_UPDATES} updates a minute are another process's); answered means that the method was called again for that channel and went through`,
    },
    {
      name: "load: cards wrong after 60 s",
      value: late.wrong,
      goal: 0,
      unit: "wrong",
      note: `seen ${(late.rightAfterMs / 1_000).toFixed(0)} s after the last round's end`,
    },
  ];
}

const OTHERS_CHANNEL = "C0ELSEWHERE";

async function otherDeployment({ slackClient }: Rig) {
  await slackClient.conversations.join({ channel: OTHERS_CHANNEL });
  const { ts } = await slackClient.chat.postMessage({ channel: OTHERS_CHANNEL, text: "A foreign card" });
  const update = () =>
    slackClient.chat.update({ channel: OTHERS_CHANNEL, ts: ts!, text: `at ${Date.now()}` }).catch(() => {});
  const timer = setInterval(update, 60_000 / OTHERS_UPDATES);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
    },
  };
}

async function untilAllRest({ store }: Rig, submits: Submit[]): Promise<JobRecord[]> {
  const end = Date.now() + GIVE_UP_MS;
  const done = new Map<string, JobRecord>();
  while (done.size < submits.length) {
    if (Date.now() > end) throw new Error(`${submits.length - done.size} of ${submits.length} jobs did not end.`);
    for (const { jobId } of submits.filter((submit) => !done.has(submit.jobId))) {
      const record = await store.readJob(jobId);
      if (record && allAtRest(record)) done.set(jobId, record);
      else break;
    }
    await sleep(500);
  }
  return submits.map(({ jobId }) => done.get(jobId)!);
}

async function untilCardsAreRight({ slack, store }: Rig, records: JobRecord[], endedAt: number) {
  for (;;) {
    const cards = slack.workspace
      .channels()
      .flatMap(({ id }) => slack.workspace.messages(id))
      .filter(({ metadata }) => metadata?.event_type === "cody_card");
    const isRight = (record: JobRecord) => {
      const [card, ...more] = cards.filter(({ metadata }) => metadata!.event_payload.job_id === record.job.jobId);
      return card && more.length === 0 && written(card) === written(renderCard(record));
    };
    const now = await Promise.all(records.map(({ job }) => store.readJob(job.jobId)));
    const wrong = now.filter((record) => !isRight(record!)).length;
    if (wrong === 0 || Date.now() > endedAt + SHOWN_WITHIN_MS) return { wrong, rightAfterMs: Date.now() - endedAt };
    await sleep(1_000);
  }
}

/** Text and blocks, without the ids that Slack gives to what has none. */
const written = ({ text, blocks }: { text: string; blocks?: unknown }) =>
  JSON.stringify([text, blocks], (key, value) => (key === "block_id" || key === "action_id" ? undefined : value));

/** The same call for the same channel went through later; what it had to say may have become more meanwhile. */
const repeated = (calls: readonly ApiCall[], refused: ApiCall) =>
  calls.some(
    ({ ok, method, channel, atMs }) =>
      ok && method === refused.method && channel === refused.channel && atMs > refused.atMs,
  );
