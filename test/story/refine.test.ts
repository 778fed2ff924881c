import { execFileSync } from "node:child_process";
import { globSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { SlackMessage } from "../../packages/stand-ins/slack/workspace.ts";
import { openWorld, runOf, until, type World } from "./world.ts";

const DEADLINE_MS = 150_000;
const TWO = ["acme/orders", "acme/ledger"];
const HIGHER = "raise log4j-core to at least 2.20.0";

const git = (world: World, repository: string, ...args: string[]) =>
  execFileSync("git", ["-C", world.forge.admin.gitFolder(repository), ...args])
    .toString()
    .trim();

const reply = (world: World, card: SlackMessage, text: string, who: "requester" | "second" = "requester") =>
  world[who].say(text, { threadTs: card.ts });

/** What the bucket's lifecycle does after a month: turns and snapshots go. Gives how many went. */
function expireScratch({ folder }: World): number {
  const scratch = globSync("s3/**/{turns,snapshot-*}", { cwd: folder }).map((path) => join(folder, path));
  const gone = scratch.flatMap((path) => [path, ...(statSync(path).isDirectory() ? readdirSync(path) : [])]);
  for (const path of scratch) rmSync(path, { recursive: true });
  return gone.length;
}

const cardWith = (world: World, words: string) =>
  until(() => world.cards().find((one) => JSON.stringify(one).includes(words)));

const told = (world: World, words: RegExp, who: "requester" | "second" = "requester") =>
  until(() => world[who].ephemerals().find(({ text }) => words.test(text)));

const untilRound = (world: World, round: number) =>
  world.untilJob(({ rounds }) => rounds.length === round && rounds.every((one) => one.finishedAt), DEADLINE_MS);

/** Answered with one sentence to people who may refine; people who talk are left alone. */
async function startsNothing(world: World, card: SlackMessage) {
  reply(world, card, "looks good to me");
  reply(world, card, "also update the changelog");
  await told(world, /Start a follow-up with what it is about/);
  reply(world, card, "and the readme");
  reply(world, card, "7: update the changelog");
  await told(world, /This job has repositories 1 to 2/);
  reply(world, card, "thanks, nice", "second");
  reply(world, card, `all: ${HIGHER}`, "second");
  reply(world, card, `<@U0CODYBOT> all: ${HIGHER}`, "second");
  await told(world, /Only the person who asked/, "second");
  expect(world.second.ephemerals()).toHaveLength(1);
  expect(world.requester.ephemerals().filter(({ text }) => text.includes("Start a follow-up"))).toHaveLength(1);
  expect((await world.newestJob())!.rounds).toHaveLength(1);
}

/** The turns of earlier rounds being expired: the pull request stays as it is, without an empty commit. */
async function needsNothingMore(world: World, card: SlackMessage, before: RepoRun) {
  const pulls = structuredClone(world.forge.admin.pullRequests("acme/orders"));
  expect(expireScratch(world)).toBeGreaterThan(3);
  reply(world, card, "acme/orders: raise log4j-core to at least 2.18.0");
  const after = runOf(await untilRound(world, 3), "acme/orders");
  expect(after).toMatchObject({ state: "published", round: 3, pullRequest: before.pullRequest! });
  expect(after.patch!.treeId).toBe(before.patch!.treeId);
  expect(world.forge.admin.pullRequests("acme/orders")).toEqual(pulls);
  const { messages } = world.claude.requests().at(-1)!.body!;
  expect(messages.length).toBeGreaterThan(2 * before.turns);
  expect(JSON.stringify(messages)).toContain("raise log4j-core to at least 2.18.0");
  await until(() => (world.replies().length > 2 ? true : undefined));
}

describe("a reply in the thread refines", () => {
  it("the repositories that it names: patch v2 beside v1, a second commit on the same pull request; talk starts nothing", async () => {
    const world = await openWorld();
    await world.submit({}, TWO);
    const first = await world.untilAtRest(DEADLINE_MS);
    const card = await cardWith(world, "2 of 2 done");
    await startsNothing(world, card);

    reply(world, card, `repository 1: ${HIGHER}`);
    await told(world, /Round 2 is on its way for acme\/orders\./);
    const second = await untilRound(world, 2);

    expect(second.rounds[1]).toMatchObject({ kind: "refine", repositories: ["acme/orders"], prompt: HIGHER });
    const [before, after] = [runOf(first, "acme/orders"), runOf(second, "acme/orders")];
    expect(after).toMatchObject({ state: "published", round: 2 });
    expect(after.turns).toBeGreaterThan(before.turns);
    expect(after.pullRequest).toMatchObject({ number: before.pullRequest!.number });
    expect(git(world, "acme/orders", "rev-parse", `${after.pullRequest!.commit}^`)).toBe(before.pullRequest!.commit);
    expect(git(world, "acme/orders", "rev-parse", `${after.pullRequest!.commit}^{tree}`)).toBe(after.patch!.treeId);
    expect(world.forge.admin.pullRequests("acme/orders")).toHaveLength(1);

    const patches = await Promise.all([before, after].map(({ patch }) => world.records.readPatch(patch!.key)));
    expect(patches.map((patch) => /^\+.*(2\.17\.1|2\.20\.0)/m.exec(Buffer.from(patch).toString())?.[1])).toEqual([
      "2.17.1",
      "2.20.0",
    ]);
    // How its pull request stands may have been looked at meanwhile.
    expect({ ...runOf(second, "acme/ledger"), pullRequestStatus: undefined }).toEqual(runOf(first, "acme/ledger"));
    await until(() => (world.replies().length === 2 ? true : undefined));
    await cardWith(world, "refined in 1 repository");
    await needsNothingMore(world, card, after);
    expect(world.replies()).toHaveLength(3);
  });
});
