import { beforeEach, expect, vi } from "vitest";
import type { Job } from "../../packages/jobs/job.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import type { HistoryArtifacts } from "../../slack/history-deps.ts";
import { aJob, aStartedRun } from "../builders.ts";
import { ownTable } from "../store/own-table.ts";
import { type SlackWorld, slackWorld } from "./slack-world.ts";
import type { Workspace } from "./world.ts";

export const NOW = new Date("2026-11-22T15:00:00.000Z");
const DAY_MS = 86_400_000;
export const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS).toISOString();

/** Objects in memory, counted as they are read: what a page costs is what it reads. */
function memoryArtifacts() {
  const objects = new Map<string, Uint8Array>();
  const reads: string[] = [];
  const artifacts: HistoryArtifacts = {
    link: async (key, { fileName, inline }) =>
      `https://bucket.example/${key}?name=${fileName}&inline=${inline === true}`,
    read: async (key) => {
      reads.push(key);
      return objects.get(key);
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
    },
    putOnce: async (key, body) => {
      if (objects.has(key)) return "exists";
      objects.set(key, body);
      return "stored";
    },
  };
  return { artifacts, objects, reads };
}

export type HistoryWorld = SlackWorld & {
  memory: ReturnType<typeof memoryArtifacts>;
  requester: Workspace["slack"]["people"]["requester"];
  second: Workspace["slack"]["people"]["second"];
  /** A job whose repositories are in these states, as the pipeline leaves its rows. */
  job(changes: Partial<Job>, states: RepoRunState[], run?: Partial<RepoRun>): Promise<Job>;
};

/** One table a file, one workspace a test, and a clock that stands still. */
export function historyWorld(table = ownTable()): HistoryWorld {
  const world = slackWorld(() => {
    world.memory = memoryArtifacts();
    return { now: () => NOW, artifacts: world.memory.artifacts };
  }, table) as HistoryWorld;
  let jobs = 0;

  beforeEach(() => {
    world.requester = world.workspace.slack.people.requester;
    world.second = world.workspace.slack.people.second;
  });

  world.job = async (changes, states, run = {}) => {
    jobs += 1;
    const job = aJob({
      jobId: `j${String(jobs).padStart(16, "0")}`,
      teamId: "T0LOCAL",
      userId: "U0REQUESTER",
      channelId: "C0CODY",
      createdAt: daysAgo(0),
      repositories: ["acme/orders", "acme/shop", "acme/docs"].slice(0, Math.max(1, states.length)),
      ...changes,
    });
    await world.store.insertJob(job);
    await world.store.insertRound(firstRound(job));
    await world.store.markFirstRoundRequested(job.jobId);
    for (const [i, state] of states.entries()) {
      const row = {
        ...aStartedRun({ repository: job.repositories[i]!, state, ...run }),
        jobId: job.jobId,
        createdAt: job.createdAt,
        startedAt: job.createdAt,
      };
      const ended = ["published", "unchanged", "patch-ready", "failed", "cancelled"].includes(state);
      const endedAt = new Date(Date.parse(job.createdAt) + 90_000).toISOString();
      await world.store.openRun({ ...row, teamId: job.teamId, userId: job.userId, ...(ended && { endedAt }) });
    }
    const isAtRest = states.length > 0 && !states.some((state) => ["queued", "working"].includes(state));
    if (isAtRest) await world.store.markRoundFinished({ jobId: job.jobId, round: 1 });
    return job;
  };
  return world;
}

type Shown = { blocks: { [key: string]: unknown }[] };

/** Every word of a view, a line a block. */
export const wordsOf = ({ blocks }: Shown): string => blocks.map((block) => words(block).join(" ")).join("\n");

function words(value: unknown, key = ""): string[] {
  if (typeof value === "string") return ["text", "user_id", "name"].includes(key) ? [value] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => words(inner, Array.isArray(value) ? key : name));
}

/** Waits until the modal on top says it. */
export async function modalSaying(person: HistoryWorld["requester"], phrase: string | RegExp) {
  const modal = await person.modal();
  await expect.poll(() => wordsOf(modal.view)).toMatch(phrase);
  return modal;
}

/** Opens the home tab, or clicks in it, and waits for what the app publishes then. */
export async function homeAfter(person: HistoryWorld["requester"], act: () => unknown): Promise<string> {
  const before = person.home()?.hash;
  await act();
  const home = await vi.waitUntil(
    () => {
      const shown = person.home();
      return shown?.hash !== before && shown;
    },
    { timeout: 60_000 },
  );
  return wordsOf(home);
}
