import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../packages/config/read.ts";
import type { PatchFacts } from "../../packages/jobs/outcome.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { runnerTask } from "../../packages/local/stack/machine.ts";
import { openRunnerProgram } from "../../packages/local/stack/runner-program.ts";
import { startServices } from "../../packages/local/stack/services.ts";
import { createTaskRunner } from "../../packages/local/tasks.ts";
import { writeHistory } from "../../packages/stand-ins/forge/history.ts";
import { runGit } from "../../packages/stand-ins/forge/run-git.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { patchKey } from "../../packages/store/keys.ts";
import { openBucket, openStore } from "../../packages/store/open.ts";
import { aJob, aRunOf, aVerdict } from "../builders.ts";
import type { Figure } from "./figure.ts";

const FILES = 10_000;
/** A patch holds both sides of a file, and may have 50 MB in all (packages/workspace/limits.ts). */
const FILE_BYTES = 2_200;
const REPOSITORY = "bench/large";

const NO_MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:none";

/**
 * One Publish, as a process of its own, of the largest change that there may be: every file of 10,000 rewritten. What
 * Work would have left is put into the table and the bucket; the forge takes the push.
 */
export async function publishFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "cody-bench-publish-"));
  const services = await startServices({
    folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    log: () => {},
  });
  try {
    const forge = services.forge!;
    const { env } = services;
    await forge.admin.addRepository({ name: REPOSITORY, from: { commits: [commitOf("before")] } });
    const change = await changeOf(join(folder, "work.git"), forge.admin.gitFolder(REPOSITORY));
    // No state machine runs here: the task is started by hand.
    const config = readConfig("health", { ...env, CODY_STATE_MACHINE_ARN: NO_MACHINE });
    const artifacts = createArtifacts({ s3: openBucket(config), bucket: env.CODY_BUCKET! });
    const store = openStore(config);
    await artifacts.putOnce(change.patch.key, change.bytes, "text/x-diff");
    await store.insertJob(JOB);
    await store.insertRound(firstRound(JOB));
    await store.openRun(runOf(change));

    const tasks = createTaskRunner({
      folder,
      log: () => {},
      definitions: { publish: runnerTask(await openRunnerProgram(() => {}), "publish", env) },
    });
    const startedAt = performance.now();
    const together = watchMemory();
    await tasks.run({
      taskDefinition: "publish",
      capacityProvider: "FARGATE",
      environment: { CODY_JOB: JOB.jobId, CODY_ROUND: "1", CODY_REPOSITORY: REPOSITORY },
      signal: new AbortController().signal,
    });
    const withGitMb = together.stop();
    const ms = performance.now() - startedAt;
    tasks.close();
    const run = await store.readRun({ jobId: JOB.jobId, repository: REPOSITORY });
    const log = logOf(folder);
    if (run?.state !== "published") throw new Error(`Publish ended as ${run?.state}:\n${log}`);
    const { peakMb } = JSON.parse(log.trim().split("\n").at(-1)!);
    const note = `${FILES.toLocaleString("en")} files rewritten, a patch of ${(change.bytes.length / 1e6).toFixed(0)} MB, against the forge stand-in`;
    return [
      {
        name: "Publish of 10,000 files: peak memory",
        value: peakMb,
        goal: 300,
        unit: "MB",
        note: `${note}; with its git processes at most ${withGitMb} MB at once`,
      },
      {
        name: "Publish of 10,000 files: time",
        value: ms,
        goal: 30_000,
        unit: "ms",
        note: "from the start of its process to its end",
      },
    ];
  } finally {
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Text that packs about as well as code does, and differs from file to file. */
function contentOf(file: number, version: string): string {
  let text = "";
  for (let line = 0; text.length < FILE_BYTES; line++)
    text += `const ${version}_${line}_${(file * 7919 + line * 104_729).toString(36)} = load("${version}", ${file % (line + 2)});\n`;
  return text;
}

const commitOf = (version: string) => ({
  message: `${version}\n`,
  date: "2025-01-08T09:00:00Z",
  files: Object.fromEntries(
    Array.from({ length: FILES }, (_, i) => [`src/part-${i % 100}/file-${i}.ts`, contentOf(i, version)]),
  ),
});

type Change = { bytes: Buffer; base: string; patch: PatchFacts };

/** The change as Work takes it, made beside the forge, which must not have its objects. */
async function changeOf(scratch: string, origin: string): Promise<Change> {
  await runGit(".", ["clone", "--quiet", "--bare", origin, scratch]);
  const ask = async (...args: string[]) => (await runGit(scratch, args)).toString().trim();
  const base = await ask("rev-parse", "main");
  await writeHistory(scratch, "main", [commitOf("after")]);
  const bytes = await runGit(scratch, ["diff-tree", "-r", "-p", "--binary", "--full-index", base, "main"]);
  const key = patchKey({ jobId: JOB.jobId, repository: REPOSITORY, round: 1 });
  const treeId = await ask("rev-parse", "main^{tree}");
  await rm(scratch, { recursive: true });
  return { bytes, base, patch: { key, bytes: bytes.length, treeId, files: FILES, additions: 0, deletions: 0 } };
}

const JOB = aJob({ jobId: "j00000000000000bb", prompt: "Rewrite every file.", repositories: [REPOSITORY] });

const runOf = ({ base, patch }: Change) =>
  aRunOf(JOB, {
    repository: REPOSITORY,
    state: "verifying",
    ending: "changed",
    attempt: 1,
    scripted: true,
    baseBranch: "main",
    baseCommit: base,
    patch,
    verdict: aVerdict({ pullRequestTitle: "Rewrite every file" }),
  });

function logOf(folder: string): string {
  const logs = join(folder, "logs");
  return readdirSync(logs)
    .filter((file) => file.startsWith("publish-"))
    .map((file) => readFileSync(join(logs, file), "utf8"))
    .join("");
}

/** The most that the processes below this one held at once, in MB; the forge's own git is among them. */
function watchMemory() {
  let most = 0;
  const look = () => {
    most = Math.max(most, belowMb(process.pid));
  };
  const timer = setInterval(look, 100);
  return {
    stop() {
      clearInterval(timer);
      return Math.round(most);
    },
  };
}

function belowMb(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return children.reduce((sum, child) => {
      const kb = Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${child}/status`, "utf8"))?.[1] ?? 0);
      return sum + kb / 1_024 + belowMb(Number(child));
    }, 0);
  } catch {
    return 0;
  }
}
