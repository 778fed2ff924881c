import { appendFileSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { readConfig } from "../../packages/config/read.ts";
import { jobIdOf } from "../../packages/jobs/ids.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { TEAM } from "../../packages/stand-ins/slack/workspace.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openBucket, openStore } from "../../packages/store/open.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { promptField } from "../../slack/interactions/run-prompt.ts";

const PACKAGES = join(import.meta.dirname, "../../packages");
export type Rig = Awaited<ReturnType<typeof openRig>>;
/** `presses` of the button: more than one when Slack had to say "Try again?"; `ackMs` is over all of them. */
export type Submit = { jobId: string; submittedAt: number; ackMs: number; presses: number };

const MAX_PRESSES = 10;

/** Real code to read: this project's own, the same in every repository. */
const SOURCES = Object.fromEntries(
  globSync("{github,notify,pipeline,secrets,store,workspace}/*.ts", { cwd: PACKAGES })
    .toSorted()
    .map((file) => [`src/${file}`, readFileSync(join(PACKAGES, file), "utf8")]),
);

/** Repositories that can be cloned. */
const repositoryNames = (count: number) => Array.from({ length: count }, (_, i) => `bench/service-${i + 1}`);

/**
 * The whole stack in a folder of its own with small repositories. `listed`: how many more the forge only lists, without
 * a commit behind them.
 */
export async function openRig({
  repositories,
  listed = 0,
  ...options
}: {
  repositories: number;
  listed?: number;
  /** Where the stack's state is and stays; absent: in a folder that goes with the rig. */
  folder?: string;
}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "cody-bench-")));
  const names = repositoryNames(repositories);
  if (!existsSync(join(folder, "forge"))) await fillForge(join(folder, "forge"), names, listed);
  const stack = await startStack({
    folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    log: (line) => appendFileSync(join(folder, "stack.log"), `${line}\n`),
  });
  const slack = stack.slack!;
  const config = readConfig("health", stack.env);
  const store = openStore(config);
  const s3 = openBucket(config);
  const { requester } = slack.people;

  async function openModal(line: string): Promise<number> {
    const startedAt = performance.now();
    const opened = await requester.command(line);
    const ackMs = performance.now() - startedAt;
    if (!opened.ok) throw new Error(`${line}: ${opened.error}`);
    return ackMs;
  }

  /** Opens the modal, fills it in and submits it, as a person does; `submittedAt` is the press of the button. */
  async function submit(prompt: string, chosen: string[], more: Record<string, string> = {}): Promise<Submit> {
    // On a machine that is full no form may open before Slack's trigger expires, and a person types the command again.
    for (let tries = 1; ; tries++) {
      const opened = await requester.command("/cody");
      if (opened.ok && (await requester.modal().catch(() => undefined))) break;
      if (tries === MAX_PRESSES) throw new Error(`/cody opened no form in ${tries} tries.`);
    }
    return submitModal(prompt, chosen, more);
  }

  async function submitModal(prompt: string, chosen: string[], more: Record<string, string> = {}): Promise<Submit> {
    const modal = await requester.modal();
    await modal.fill({
      [promptField(0)]: prompt,
      [REPOSITORIES_ACTION]: chosen,
      [FIELDS.delivery]: "patch-only",
      ...more,
    });
    const jobId = jobIdOf({ teamId: TEAM.id, viewId: modal.view.id });
    const submittedAt = Date.now();
    const startedAt = performance.now();
    let presses = 1;
    let submitted = await modal.submit();
    // On a machine that is full Slack says "Try again?", and a person does: the same form is the same job.
    for (; "error" in submitted && presses < MAX_PRESSES; presses++) submitted = await modal.submit();
    const ackMs = performance.now() - startedAt;
    if (!("closed" in submitted)) throw new Error(`The modal: ${JSON.stringify(submitted)}`);
    return { jobId, submittedAt, ackMs, presses };
  }

  const replyOf = (jobId: string) =>
    slack.workspace
      .channels()
      .flatMap((channel) => slack.workspace.messages(channel.id))
      .find(({ metadata }) => metadata?.event_type === "cody_closing" && metadata.event_payload.job_id === jobId);

  return {
    folder,
    names,
    slack,
    /** Another process with the app's token. */
    env: stack.env,
    slackClient: createSlackClient(stack.env.SLACK_BOT_TOKEN!, { slackApiUrl: slack.apiUrl }),
    claude: stack.claude!,
    stream: stack.stream,
    store,
    artifacts: createArtifacts({ s3, bucket: config.CODY_BUCKET }),
    requester,
    openModal,
    submit,
    submitModal,

    /** Every object under a prefix with its bytes as they rest in the bucket. */
    async storedBytes(Prefix: string): Promise<Map<string, number>> {
      const sizes = new Map<string, number>();
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: s3 },
        { Bucket: config.CODY_BUCKET, Prefix },
      ))
        for (const { Key, Size } of Contents) sizes.set(Key!, Size!);
      return sizes;
    },

    /** Waits without a question to the table, so that waiting costs the job nothing. `shownAt`: of the closing reply. */
    async ended({ jobId }: Submit, giveUpMs = 120_000): Promise<{ record: JobRecord; shownAt: number }> {
      const end = Date.now() + giveUpMs;
      while (!replyOf(jobId)) {
        if (Date.now() > end) throw new Error(`Job ${jobId} has not ended after ${giveUpMs} ms; see ${folder}.`);
        await sleep(50);
      }
      return { record: (await store.readJob(jobId))!, shownAt: Number(replyOf(jobId)!.ts) * 1_000 };
    },

    /** Every run of the job has asked the model. */
    async untilWorking(jobId: string, giveUpMs = 60_000): Promise<void> {
      for (const end = Date.now() + giveUpMs; Date.now() < end; await sleep(200)) {
        const { job, runs } = (await store.readJob(jobId)) ?? {};
        if (runs && runs.length === job?.repositories.length && runs.every(({ turns }) => turns > 0)) return;
      }
      throw new Error(`Job ${jobId} does not work after ${giveUpMs} ms; see ${folder}.`);
    },

    close: () => stack.stop(),
    async [Symbol.asyncDispose]() {
      await stack.stop();
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fillForge(folder: string, names: string[], listed: number) {
  const forge = await startForge({ folder, log: () => {} });
  for (const name of names) await forge.admin.addRepository({ name, from: { commits: [firstCommit(name)] } });
  await forge.stop();
  if (listed === 0) return;
  const file = join(folder, "forge.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const [sample] = state.repositories;
  for (let i = 0; i < listed; i++)
    state.repositories.push({
      ...sample,
      id: state.nextId++,
      name: `team-${i % 50}/service-${i}`,
      description: `Service ${i} of team ${i % 50}`,
      sizeKb: 10,
      topics: [["backend", "frontend", "data"][i % 3], `area-${i % 20}`],
      language: ["Java", "TypeScript", "Go", "Python"][i % 4],
    });
  writeFileSync(file, JSON.stringify(state));
}

const firstCommit = (name: string) => ({
  message: "Start\n",
  date: "2025-01-08T09:00:00Z",
  files: {
    "README.md": `# ${name}\n\nA small service.\n`,
    ...SOURCES,
  },
});
