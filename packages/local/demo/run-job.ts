import { readConfig } from "../../config/read.ts";
import type { JobRecord } from "../../jobs/job-record.ts";
import { openStore } from "../../store/open.ts";
import { listed } from "../../text/lists.ts";
import { ACTIONS, targetValue } from "../../views/actions.ts";
import { runsByName } from "../../views/plan.ts";
import type { Stack } from "../stack/stack.ts";
import { type FileToAttach, submitJob } from "./act.ts";
import { type DemoEnding, demoEnding } from "./as-promised.ts";
import { blockLines } from "./block-text.ts";
import { downloadAndApply } from "./check-patch.ts";
import type { DemoOptions } from "./options.ts";
import { namesOnGitHub } from "./repositories.ts";
import type { Screen } from "./screen.ts";
import { shortDiff } from "./short-diff.ts";
import { allAtRest, followTasks } from "./watch.ts";

/** One job from the command to the applied patch, as a person in Slack would have it. Returns whether all went well. */
export async function runJob(
  options: DemoOptions,
  stack: Stack,
  screen: Screen,
  attachments: readonly FileToAttach[],
): Promise<DemoEnding> {
  const { workspace, people } = stack.slack!;
  const repositories = stack.forge ? stack.stocked : namesOnGitHub(options.repo);
  screen.say(`/cody: "${options.prompt}"\n       on ${listed(repositories)}\n`);
  const stopFollowing = followTasks(workspace, screen);
  const record = await untilDone(options, stack, screen, repositories, attachments).finally(stopFollowing);

  screen.say("\n--- the card in Slack ---");
  const card = workspace.message(record.card!.channelId, record.card!.ts!);
  const named = (line: string) => line.replace(/@(U\w+)/g, (_, id) => `@${workspace.user(id)?.name ?? id}`);
  for (const line of blockLines(card?.blocks ?? [])) screen.say(named(line));
  const runs = runsByName(record).map(({ run }) => run);
  const place = runs.findIndex((run) => run?.patch);
  const patched = runs[place];
  if (patched) {
    const remote = {
      serverUrl: stack.env.GITHUB_SERVER_URL ?? "https://github.com",
      token: stack.env.GITHUB_READ_TOKEN ?? stack.env.GITHUB_TOKEN ?? "",
    };
    const { patch, says } = await downloadAndApply(
      people.requester,
      record.card!.ts!,
      { repoRun: patched, place },
      remote,
    );
    screen.say(`\n--- the change in ${patched.repository} ---`);
    for (const line of shortDiff(patch)) screen.say(line);
    screen.say(`\n${says}`);
  }
  return demoEnding(record, options);
}

/** The job at rest, with everything approved that waited for it, and the card as it stays. */
async function untilDone(
  options: DemoOptions,
  stack: Stack,
  screen: Screen,
  repositories: string[],
  attachments: readonly FileToAttach[],
): Promise<JobRecord> {
  const { requester } = stack.slack!.people;
  const store = openStore(readConfig("health", stack.env));
  await submitJob(requester, options, repositories, attachments);
  const record = await untilAtRest(store, stack);
  await untilShown(record, stack);
  const waiting = record.runs.filter(({ state }) => state === "awaiting-approval");
  if (waiting.length === 0) return record;
  screen.say("         everything waits for approval: pressing Approve");
  for (const { jobId, repository, round } of waiting)
    await requester.click(record.card!.ts!, ACTIONS.approve, targetValue({ jobId, repository, round }));
  const decided = await untilAtRest(store, stack, true);
  await untilShown(decided, stack);
  return decided;
}

const LOOK_MS = 200;
const GIVE_UP_MS = 3 * 60 * 60_000;

async function until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  const end = Date.now() + GIVE_UP_MS;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error("The job did not come to rest.");
}

function untilAtRest(store: ReturnType<typeof openStore>, { slack }: Stack, decided = false): Promise<JobRecord> {
  return until(async () => {
    const jobs = await store.jobsOfUser({ teamId: "T0LOCAL", userId: slack!.people.requester.id }, { limit: 1 });
    const record = jobs.items[0] && (await store.readJob(jobs.items[0].jobId));
    const waits = record?.runs.some((run) => run.state === "awaiting-approval");
    return record && allAtRest(record) && !(decided && waits) ? record : undefined;
  });
}

/** The closing reply is the last thing that Slack shows. */
function untilShown({ job, rounds }: JobRecord, { slack }: Stack): Promise<true> {
  return until(async () => {
    const messages = slack!.workspace.messages(job.channelId);
    const replies = messages.filter((message) => message.metadata?.event_type === "cody_closing");
    return replies.length >= rounds.length || undefined;
  });
}
