import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "../config/read.ts";
import { UserError } from "../jobs/errors.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { Forge } from "../stand-ins/forge/forge.ts";
import { openStore } from "../store/open.ts";
import { listed } from "../text/lists.ts";
import { ACTIONS, targetValue } from "../views/actions.ts";
import { submitJob } from "./demo/act.ts";
import { downloadAndApply } from "./demo/check-patch.ts";
import { type DemoOptions, parseDemoOptions, USAGE } from "./demo/options.ts";
import { namesOnGitHub, prepareRepositories, whereCalled } from "./demo/repositories.ts";
import { shortDiff } from "./demo/short-diff.ts";
import { allAtRest, cardLines, costTable, printThread } from "./demo/watch.ts";
import { realServices } from "./stack/services.ts";
import { type Stack, startStack } from "./stack/stack.ts";
import { temporaryFolder } from "./stack/state-folder.ts";

// What the stack and its services write is for its owner only.
process.umask(0o077);

const print = (line = "") => console.log(line);

async function demo(options: DemoOptions): Promise<boolean> {
  const stopped = onceToldToStop();
  const folder = temporaryFolder("cody-demo-");
  const log = (line: string) => appendFileSync(join(folder, "stack.log"), `${line}\n`);
  console.warn = (...words) => log(words.join(" "));
  const model = options.model ?? process.env.CODY_MODEL;
  const env = { ...process.env, SLACK_BOT_TOKEN: "", SLACK_APP_TOKEN: "", ...(model && { CODY_MODEL: model }) };
  const stock = (forge: Forge) =>
    prepareRepositories(options.repo, forge, { from: whereCalled(process.env), say: print });
  const real = realServices(env);
  if (real.length > 0) print(`${listed(real)} ${real.length === 1 ? "is" : "are"} real here, and may cost money.\n`);
  try {
    const stack = await startStack({ folder, env, log, stock });
    try {
      return await Promise.race([runJob(options, stack), stopped]);
    } finally {
      await stack.stop();
    }
  } finally {
    if (options.keep) print(`\nThe stack's folder: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function runJob(options: DemoOptions, stack: Stack): Promise<boolean> {
  for (const { name, real, where } of stack.services)
    print(`${name.padEnd(15)} ${real ? "real" : "stand-in"}  ${where}`);
  if (stack.claude) print("\nClaude is a scripted stand-in here: its words are scripted, its prices simulated.");
  const { workspace, people } = stack.slack!;
  const repositories = stack.forge ? stack.stocked : namesOnGitHub(options.repo);
  print(`\n/cody: "${options.prompt}"\n       on ${repositories.join(", ")}\n`);

  const cards: string[] = [];
  const stopWatching = [
    workspace.onMessage((message) => {
      if (message.metadata?.event_type === "cody_card" && !cards.includes(message.ts)) cards.push(message.ts);
    }),
    printThread(workspace, print),
  ];
  await submitJob(people.requester, options, repositories);
  const store = openStore(readConfig("health", stack.env));
  let record = await untilAtRest(store, stack);
  await untilShown(record, stack);
  if (record.runs.some((run) => run.state === "awaiting-approval")) {
    print("         everything waits for approval: pressing Approve");
    for (const run of record.runs.filter(({ state }) => state === "awaiting-approval"))
      await people.requester.click(
        cards[0]!,
        ACTIONS.approve,
        targetValue({ jobId: run.jobId, repository: run.repository, round: run.round }),
      );
    record = await untilAtRest(store, stack, true);
    await untilShown(record, stack);
  }
  for (const stop of stopWatching) stop();

  const channel = record.card!.channelId;
  print("\n--- the card ---");
  for (const message of workspace.messages(channel)) for (const line of cardLines(message)) print(line);
  print("\n--- what it took ---");
  for (const line of costTable(record)) print(line);
  const patched = record.runs.find((run) => run.patch);
  if (patched) {
    const remote = {
      serverUrl: stack.env.GITHUB_SERVER_URL ?? "https://github.com",
      token: stack.env.GITHUB_READ_TOKEN ?? stack.env.GITHUB_TOKEN ?? "",
    };
    const { patch, says } = await downloadAndApply(people.requester, record.card!.ts!, patched, remote);
    print(`\n--- the change in ${patched.repository} ---`);
    for (const line of shortDiff(patch)) print(line);
    print(`\n${says}`);
  }
  return asPromised(record, options);
}

/** Rejects at the first Ctrl-C, so that everything is removed; a second one ends the process as it is. */
function onceToldToStop(): Promise<never> {
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => reject(new Stopped("Stopped. Nothing is left behind.")));
  });
  // It may happen while nothing waits for it yet.
  stopped.catch(() => {});
  return stopped;
}

class Stopped extends UserError {
  override name = "Stopped";
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

/** Exit 0 only if everything that this page promises is true. */
function asPromised({ runs }: JobRecord, options: DemoOptions): boolean {
  const count = (state: string) => runs.filter((run) => run.state === state).length;
  if (options.repo.length > 0) return count("failed") + count("cancelled") === 0;
  // Where commands run at all, a check passed on every change.
  const verified = runs.every(
    ({ state, sandbox, verification }) => state === "unchanged" || sandbox === "off" || verification?.exitCode === 0,
  );
  const evidence = runs.some((run) => run.state === "unchanged" && run.verdict!.evidence.length > 0);
  return count(options.delivery === "patch-only" ? "patch-ready" : "published") === 2 && evidence && verified;
}

const whatNext = ({ repo }: DemoOptions) =>
  repo.length > 0
    ? "Next: npm start -- --repo PATH keeps everything running, to approve and refine in a browser."
    : [
        "Next: npm start keeps the same running, to approve and refine in a browser. On a repository of your own:",
        '      npm run demo -- --repo PATH --prompt "Raise log4j-core to at least 2.17.1" --check "npm test"',
      ].join("\n");

try {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options === "help") print(USAGE);
  else {
    const good = await demo(options);
    print(
      good
        ? "\nDone. The stand-ins have stopped, and their links with them."
        : "\nNot everything went well; see above.",
    );
    print(whatNext(options));
    process.exitCode = good ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
  // What the job still waits for would keep the process.
  if (error instanceof Stopped) process.exit(130);
}
