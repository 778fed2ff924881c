import { appendFileSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../packages/config/read.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { submitJob } from "../../packages/local/demo/act.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import type { Brain } from "../../packages/stand-ins/claude/brain.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { openStore } from "../../packages/store/open.ts";
import { saying, verdict } from "../agent/stage.ts";
import { afterChange } from "../story/row-changes.ts";
import type { ModeToTry } from "./mode-to-try.ts";
import type { Sample } from "./sample.ts";

const WORK = fileURLToPath(new URL("work-process.ts", import.meta.url));
const PROMPT = "The check shows a fault of a dependency. Raise that dependency to a version without it.";
const JOB_MS = 20 * 60_000;

/** The whole product on this machine, with these repositories and a model that knows what to do in each. */
export async function openStage(folder: string, mode: ModeToTry, samples: readonly Sample[]) {
  const log = (line: string) => appendFileSync(join(folder, "stack.log"), `${line}\n`);
  const claude = await startClaude({ log, brain: brainOf(samples) });
  const stack = await startStack({
    folder,
    env: {
      ...process.env,
      SLACK_BOT_TOKEN: "",
      SLACK_APP_TOKEN: "",
      ANTHROPIC_API_KEY: claude.apiKey,
      ANTHROPIC_BASE_URL: claude.url,
    },
    log,
    started: { work: [WORK, JSON.stringify(mode)] },
    async stock(forge) {
      for (const { repository, files } of samples) {
        const commits = [{ message: "Start\n", date: "2026-01-05T09:00:00Z", files }];
        await forge.admin.addRepository({ name: repository, from: { commits } });
      }
      return samples.map(({ repository }) => repository);
    },
  });
  const store = openStore(readConfig("health", stack.env));
  const { requester } = stack.slack!.people;

  return {
    forge: stack.forge!,
    /** One submit, without a setup command or a check, until all of it is at rest. */
    async job(repositories: string[]): Promise<JobRecord> {
      const before = await newest();
      await submitJob(requester, { repo: [], keep: false, prompt: PROMPT, delivery: "open-pr" }, repositories);
      const look = async () => {
        const record = await newest();
        return record && record.job.jobId !== before?.job.jobId && allAtRest(record) ? record : undefined;
      };
      return afterChange(stack.stream, look, JOB_MS);
    },
    /** What the registry proxy refused, and what commands of the model said, for a run that went wrong. */
    tellOf: (repository: string): string[] => [...refusedFor(folder, repository), ...saidFor(repository)],
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await claude.stop();
    },
  };

  async function newest(): Promise<JobRecord | undefined> {
    const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
    return items[0] && store.readJob(items[0].jobId);
  }

  function saidFor(repository: string): string[] {
    const last = claude.requests().findLast(({ body }) => body && isAbout(repository)(body))?.body;
    return (last?.messages ?? []).flatMap(({ content }) =>
      Array.isArray(content)
        ? content.filter(({ type }) => type === "tool_result").map((block) => JSON.stringify(block.content))
        : [],
    );
  }
}

const isAbout = (repository: string) => (request: Parameters<Brain>[0]) =>
  JSON.stringify(request.messages[0]).includes(`Repository: ${repository},`);

const brainOf =
  (samples: readonly Sample[]): Brain =>
  (request) => {
    const sample = samples.find(({ repository }) => isAbout(repository)(request))!;
    return saying(...sample.steps, verdict(true), verdict(true))(request);
  };

function refusedFor(folder: string, repository: string): string[] {
  const logs = globSync(`runner/logs/work-*${repository.replace("/", "-")}-[0-9]*.log`, { cwd: folder });
  return logs
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line.includes('"refused"') || /"status":[45]/.test(line));
}
