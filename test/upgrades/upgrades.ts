/**
 * Raises a dependency with each package manager, through the registry proxy, in each mode of the sandbox that this
 * machine has: from a person's submit to a verified pull request. It reads from real registries.
 */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MAX_REPOSITORIES } from "../../packages/jobs/job.ts";
import type { Sandbox } from "../../packages/sandbox/sandbox.ts";
import { OFFLINE_CLIENTS, timesOffline, tooSlow } from "../sandbox/offline-clients.ts";
import { compileLauncher } from "../sandbox/world.ts";
import { tryBundler } from "./bundler.ts";
import { problemsOf } from "./judge.ts";
import { MODES, type ModeToTry } from "./mode-to-try.ts";
import type { Sample } from "./sample.ts";
import { cargo } from "./samples/cargo.ts";
import { go } from "./samples/go.ts";
import { gradle, maven } from "./samples/jvm.ts";
import { npm, pnpm, yarn1, yarn4 } from "./samples/npm.ts";
import { pip, poetry, uv } from "./samples/python.ts";
import { missingFor, openMode, programsIn, unreachable } from "./skips.ts";
import { openStage } from "./stage.ts";
import { tryUploads } from "./uploads.ts";

/** A Java, a Python, a Node and a Go repository first: they are one job. */
const TOGETHER = [maven, pip, npm, go];
const SAMPLES: readonly Sample[] = [...TOGETHER, cargo, uv, poetry, gradle, pnpm, yarn1, yarn4];
const listIn = (variable: string) => (process.env[variable] ?? "").split(",").filter(Boolean);
const mirrors = { addresses: listIn("UPGRADES_ADDRESSES"), paths: listIn("UPGRADES_PATHS") };

const { values: only } = parseArgs({
  options: {
    mode: { type: "string", multiple: true },
    client: { type: "string", multiple: true },
    keep: { type: "boolean", default: false },
  },
});
const isWanted = (name: string, wanted: readonly string[] | undefined) =>
  wanted === undefined || wanted.some((one) => one.toLowerCase() === name.toLowerCase());

const samples = SAMPLES.filter(({ client }) => isWanted(client, only.client));
const folder = await mkdtemp(join(tmpdir(), "cody-upgrades-"));
// Users of commands pass here to their trees.
await chmod(folder, 0o711);
const counts = { good: 0, wrong: 0, skipped: 0 };
const skipped = (what: string, why: string) => {
  counts.skipped += 1;
  console.log(`  skipped  ${what}: ${why}`);
};
const wrong = (what: string) => {
  counts.wrong += 1;
  console.log(`  WRONG    ${what}`);
};
try {
  const hosts = [...new Set(samples.flatMap((sample) => sample.hosts))];
  const answers = await Promise.all(hosts.map(async (host) => [host, await unreachable(host, mirrors)] as const));
  const closed = new Map(answers.flatMap(([host, why]) => (why === undefined ? [] : [[host, why] as const])));
  if (!only.mode) await reportUploads();
  if (!only.mode && isWanted("Bundler", only.client)) await reportBundler();
  for (const mode of MODES.filter((one) => isWanted(one, only.mode))) await tryMode(mode, closed);
} finally {
  if (only.keep) console.log(`What is left of it: ${folder}`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
console.log(
  `${counts.good} upgrades are verified pull requests, ${counts.wrong} went wrong, ${counts.skipped} skipped.`,
);
process.exit(counts.wrong > 0 ? 1 : 0);

/** No client publishes through the proxy of commands, whatever the mode: it stands outside of each. */
async function reportUploads() {
  console.log("uploads");
  for (const result of await tryUploads(join(folder, "uploads"), (client) => isWanted(client, only.client))) {
    if (result.kind === "missing") skipped(`${result.client} as publisher`, result.why);
    else if (result.kind === "wrong") wrong(`${result.client} publishes: ${result.why}`);
    else console.log(`  refused  ${result.client} publishes nothing: ${result.by}`);
  }
}

async function reportBundler() {
  const result = await tryBundler(join(folder, "bundler"));
  if (result.kind === "missing") skipped("Bundler", "there is no bundle");
  else if (result.kind === "wrong") wrong(`Bundler: ${result.why}`);
  else console.log(`  reads    Bundler raises a gem of a stand-in for its registry, by ${result.requests} requests`);
}

async function tryMode(name: ModeToTry["mode"], closed: ReadonlyMap<string, string>) {
  console.log(name);
  const work = join(folder, `${name}-work`);
  await mkdir(work, { recursive: true });
  const mode = { mode: name, work, mirrors, ...(name === "own-uid" && { launcher: compileLauncher(folder) }) };
  const opened = await openMode(mode);
  if ("missing" in opened) return skipped(name, opened.missing);
  const programs = await programsIn(opened.sandbox, work, [...new Set(samples.flatMap(({ needs }) => needs))]);
  // Where there is no sandbox, nothing takes the network away.
  if (name !== "unsafe") await tryOffline(opened.sandbox, join(work, "offline"));
  const ready = samples.filter((sample) => {
    const missing = missingFor(sample, programs, closed);
    if (missing) skipped(sample.client, missing);
    return missing === undefined;
  });
  if (ready.length === 0) return;
  const stackFolder = join(folder, name);
  await mkdir(stackFolder);
  await using stage = await openStage(stackFolder, mode, ready);
  for (const job of jobsOf(ready)) {
    const began = performance.now();
    const record = await stage.job(job.map(({ repository }) => repository));
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`  one job: ${job.map(({ client }) => client).join(", ")} (${seconds} s)`);
    for (const sample of job) {
      const problems = problemsOf(sample, record, stage.forge);
      const { pullRequest } = record.runs.find(({ repository }) => repository === sample.repository)!;
      if (problems.length > 0) wrong([sample.client, ...problems, ...stage.tellOf(sample.repository)].join("\n    "));
      else {
        counts.good += 1;
        console.log(`  good     ${sample.client}: ${pullRequest?.url}`);
      }
    }
  }
}

/** Without network each client fails about as fast as it starts. */
async function tryOffline(sandbox: Sandbox, offlineFolder: string) {
  const clients = OFFLINE_CLIENTS.filter((one) => isWanted(one.client, only.client));
  const times = await timesOffline(sandbox, offlineFolder, clients);
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  for (const { client } of clients) {
    const time = times.find((one) => one.client === client);
    const slow = time && tooSlow(time);
    if (!time) skipped(`${client} without network`, "commands do not find it there");
    else if (slow) wrong(slow);
    else
      console.log(
        `  offline  ${client} fails in ${seconds(time.asksMs)} s, its start takes ${seconds(time.versionMs)} s`,
      );
  }
}

function jobsOf(ready: readonly Sample[]): Sample[][] {
  const first = ready.filter((sample) => TOGETHER.includes(sample));
  const rest = ready.filter((sample) => !TOGETHER.includes(sample));
  const chunks = Array.from({ length: Math.ceil(rest.length / MAX_REPOSITORIES) }, (_, i) =>
    rest.slice(i * MAX_REPOSITORIES, (i + 1) * MAX_REPOSITORIES),
  );
  return [first, ...chunks].filter(({ length }) => length > 0);
}
