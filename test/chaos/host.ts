/**
 * The stack as a process that can be killed. Arguments: folder, first port, share of disturbed requests, share of
 * what comes twice from Slack, seed, planted secret. It does what its parent asks for over the IPC channel.
 */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../packages/config/read.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { createStackLog } from "../../packages/local/stack/log.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { createSerial } from "../../packages/stand-ins/aws/serial.ts";
import { addSamples } from "../../packages/stand-ins/forge/samples.ts";
import { TEAM } from "../../packages/stand-ins/slack/workspace.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openBucket, openStore } from "../../packages/store/open.ts";
import { ACTIONS, targetValue } from "../../packages/views/actions.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { promptField } from "../../slack/interactions/run-prompt.ts";
import { disturber } from "./disturber.ts";
import type { Evidence } from "./evidence.ts";
import type { Step } from "./follow-up.ts";
import { createObserver } from "./observer.ts";
import { randomOf } from "./random.ts";
import { PLANTED_FILE, type PlannedJob, type Reply } from "./schedule.ts";
import { brings, keepSent } from "./sent.ts";

process.umask(0o077);
const [folder = "", port = "", share = "0", twiceShare = "0", seed = "1", planted = ""] = process.argv.slice(2);
const storm = disturber({ share: Number(share), twiceShare: Number(twiceShare) }, Number(seed));
const random = randomOf(Number(seed) ^ 0x5e17);
/** Beside the state folder: what Slack knows outlives the stack. */
const sent = keepSent(join(dirname(folder), "sent.jsonl"), storm.sentTwice);

const stack = await startStack({
  folder,
  port: Number(port),
  env: process.env,
  log: createStackLog(join(folder, "stack.log")),
  disturb: storm.disturb,
  twice: storm.twice,
  carry: sent.carry,
  async stock(forge) {
    const names = await addSamples(forge.admin.addRepository);
    const done = join(folder, "planted");
    if (existsSync(done)) return names;
    for (const name of names) {
      const files = { [PLANTED_FILE]: `${planted}\n` };
      await forge.admin.commit(name, "main", { message: "Plant\n", date: "2026-01-01T00:00:00Z", files });
    }
    writeFileSync(done, "");
    return names;
  },
});
const store = openStore(readConfig("health", stack.env));
const bucket = readConfig("health", stack.env);
const artifacts = createArtifacts({ s3: openBucket(bucket), bucket: bucket.CODY_BUCKET });
const { workspace, people } = stack.slack!;
const { requester } = people;
const forge = stack.forge!;
const { ofKind, isAnswered, isDone, evidenceOf } = createObserver({ workspace, forge, artifacts });
async function allJobs(): Promise<JobRecord[]> {
  const records: JobRecord[] = [];
  let after: string | undefined;
  do {
    const page = await store.jobsOfUser({ teamId: TEAM.id, userId: requester.id }, { limit: 50, after });
    for (const { jobId } of page.items) records.push((await store.readJob(jobId))!);
    after = page.after;
  } while (after !== undefined);
  return records;
}
const jobsOf = async (marker: string) => (await allJobs()).filter(({ job }) => job.prompt.includes(`(${marker})`));

/** A person presses the same form again until it is taken, and after a kill looks first whether the job is there. */
async function submit({ marker, prompt, repositories, delivery, verify }: PlannedJob): Promise<void> {
  for (let tries = 0; ; tries++) {
    if ((await jobsOf(marker)).length > 0) return;
    sent.forget(`(${marker})`);
    try {
      if (requester.hasModal()) await (await requester.modal()).close();
      const opened = await requester.command("/cody");
      if (!opened.ok) throw new Error(opened.error);
      const modal = await requester.modal();
      await modal.fill({
        [promptField(0)]: prompt,
        [REPOSITORIES_ACTION]: repositories,
        [FIELDS.delivery]: delivery,
        ...(verify && { [FIELDS.verifyCommand]: verify }),
      });
      for (let presses = 0; presses < 20; presses++) {
        const submitted = await modal.submit();
        if ("closed" in submitted) return;
        if ("errors" in submitted) throw new Error(JSON.stringify(submitted.errors));
        await sleep(200);
      }
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(300);
    }
  }
}

async function approve(record: JobRecord): Promise<void> {
  const [card] = ofKind("cody_card", record.job.jobId);
  for (const { jobId, repository, round } of record.runs.filter(({ state }) => state === "awaiting-approval"))
    await requester.click(card!.ts, ACTIONS.approve, targetValue({ jobId, repository, round })).catch(() => {});
}

/** Does for a reply what can be done now; see follow-up.ts. */
async function step({ marker, reply, hold }: { marker: string; reply: Reply; hold: boolean }): Promise<Step> {
  const [record] = await jobsOf(marker);
  const [card] = record ? ofKind("cody_card", record.job.jobId) : [];
  const channel = record?.card?.channelId;
  if (!record || !card || !channel) return "waiting";
  const said = workspace
    .messages(channel)
    .find(({ user, text }) => user === requester.id && text.includes(`(${reply.marker})`));
  const isThere = record.rounds.some(({ prompt }) => prompt?.includes(`(${reply.marker})`));
  const isKept = said && (await sent.again((parcels) => parcels.filter(brings(said.ts)).slice(0, 1))) > 0;
  if (isThere) return "there";
  if (isKept) return "asked";
  if (!allAtRest(record) || !(reply.isEager || isAnswered(record))) return "waiting";
  const meant = reply.about === "all" ? record.runs : record.runs.slice(reply.about - 1, reply.about);
  if (meant.every(({ state }) => state === "cancelled")) return "nothing";
  if (reply.approveFirst && record.runs.some(({ state }) => state === "awaiting-approval")) {
    await approve(record);
    return "waiting";
  }
  if (hold) return "ready";
  requester.say(reply.text, { channel, threadTs: card.ts });
  return "asked";
}

/** A person has one form at a time. */
const oneAtATime = createSerial();

const COMMANDS: Record<string, (input: never) => Promise<unknown>> = {
  submit: (job: PlannedJob) => oneAtATime(() => submit(job)),
  async cancel(marker: string) {
    for (const { job } of await jobsOf(marker)) await requester.command(`/cody cancel ${job.jobId}`);
  },
  forge: async (fault: { path: { source: string } } & Record<string, unknown>) =>
    forge.admin.plan({ ...fault, path: new RegExp(fault.path.source) } as never),
  step,
  /** How many of all that were sent; absent: all of them. */
  sendAgain: (count = Number.POSITIVE_INFINITY) => sent.again((parcels) => random.some(parcels, count)),
  calm: async () => storm.calm(),
  async unfinished(): Promise<string[]> {
    const open = (await allJobs()).filter((record) => !isDone(record));
    for (const record of open) await approve(record);
    return open.map(({ job, runs, rounds }) => {
      const closings = ofKind("cody_closing", job.jobId).length;
      return `${job.jobId} (${job.prompt.slice(-16)}): ${runs.map(({ state }) => state)}; ${closings} of ${rounds.length} closing replies`;
    });
  },
  async evidence(): Promise<Evidence> {
    return {
      jobs: await Promise.all((await allJobs()).map(evidenceOf)),
      messages: JSON.stringify(workspace.channels().flatMap(({ id }) => workspace.messages(id))),
    };
  },
  async stop() {
    await stack.stop();
    setTimeout(() => process.exit(0), 50);
  },
};

process.on("message", async ({ id, command, input }: { id: number; command: string; input: never }) => {
  const answer = await COMMANDS[command]!(input).then(
    (value) => ({ id, value }),
    (error: unknown) => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.send?.(answer);
});
// A parent that was killed leaves nothing behind.
process.on("disconnect", () => process.exit(1));
process.send?.({ up: true });
