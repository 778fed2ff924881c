import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createWatch } from "../../functions/watch.ts";
import { steadyNow } from "../../packages/clock/steady-clock.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { openWorld, runOf, until, type World } from "./world.ts";

const DEADLINE_MS = 150_000;
const ORDERS = "acme/orders";

const git = (world: World, ...args: string[]) =>
  execFileSync("git", ["-C", world.forge.admin.gitFolder(ORDERS), ...args]).toString();

const untilRound = (world: World, round: number) =>
  world.untilJob(({ rounds }) => rounds.length === round && rounds.every((one) => one.finishedAt), DEADLINE_MS);

/** Waits until the card has the button, and presses it. */
async function press(world: World, action: string) {
  const card = await until(() => world.cards().find((one) => JSON.stringify(one.blocks).includes(`"${action}"`)));
  await world.requester.click(card.ts, action);
}

describe("after the pull request is open", () => {
  it("Fix CI takes a failing check up on the same branch, and ends where that did not help; Answer review replies to who may write", async () => {
    const world = await openWorld();
    const { admin } = world.forge;
    const notes = { message: "Add notes\n", date: "2022-01-01T00:00:00Z", files: { "NOTES.md": "one \ntwo\n" } };
    await admin.commit(ORDERS, "main", notes);
    await world.submit({}, [ORDERS]);
    const first = runOf(await world.untilAtRest(DEADLINE_MS), ORDERS);
    let ahead = 0;
    /** Minutes later. What is due was written a moment ago. */
    const looked = () =>
      until(async () => {
        ahead += 61_000;
        return (await createWatch(world.env, () => steadyNow() + ahead)()).looked > 0 || undefined;
      });
    const failing = async () => {
      const log =
        "2026-11-28T10:00:00.1Z $ git diff --check\n2026-11-28T10:00:01.2Z NOTES.md:1: trailing whitespace.\n";
      await admin.acts.setCheck(admin.placeOf(ORDERS, 1), { name: "style", outcome: "failure", log });
      await looked();
    };

    await failing();
    await press(world, ACTIONS.fixChecks);
    const record = await untilRound(world, 2);
    const fixed = runOf(record, ORDERS);
    const head = first.pullRequest!.commit;
    expect(record.rounds[1]).toMatchObject({ kind: "fix-checks", checks: { [ORDERS]: { head, failed: ["style"] } } });
    expect(fixed).toMatchObject({ state: "published", ending: "changed", fixing: { head, failed: ["style"] } });
    expect(fixed.pullRequest!.number).toBe(1);
    expect(git(world, "rev-parse", `${fixed.pullRequest!.commit}^`).trim()).toBe(head);
    expect(git(world, "show", `${fixed.pullRequest!.commit}:NOTES.md`)).toBe("one\ntwo\n");
    expect(git(world, "show", `${fixed.pullRequest!.commit}:pom.xml`)).toContain("2.17.1");
    expect(git(world, "log", "-1", "--format=%s", fixed.pullRequest!.commit)).toContain("Fix the checks");

    await failing();
    await press(world, ACTIONS.fixChecks);
    const ended = runOf(await untilRound(world, 3), ORDERS);
    expect(ended).toMatchObject({
      state: "published",
      reason: { code: "checks-fail-as-before" },
      verdict: fixed.verdict!,
      pullRequest: fixed.pullRequest!,
      spendUsd: fixed.spendUsd,
    });
    await until(() =>
      world.replies().find(({ text, blocks }) => JSON.stringify([text, blocks]).includes("in the same way (style)")),
    );

    const place = admin.placeOf(ORDERS, 1);
    place.repository.people = { ada: "write", ro: "read" };
    const suggestion = { path: "README.md", line: 3, body: "Say who.\n```suggestion\nTakes every order.\n```" };
    admin.acts.comment(place, { author: "ada", ...suggestion });
    admin.acts.comment(place, { author: "ro", ...suggestion, line: 1 });
    await admin.acts.review(place, { author: "ada", state: "CHANGES_REQUESTED", body: "Why not 2.20?" });
    await looked();
    await press(world, ACTIONS.answerReview);
    const answered = runOf(await untilRound(world, 4), ORDERS);
    const { number, commit } = answered.pullRequest!;
    expect(answered).toMatchObject({ state: "published", answering: { round: 4 } });
    expect([number, git(world, "rev-parse", `${commit}^`).trim()]).toEqual([1, fixed.pullRequest!.commit]);
    expect(git(world, "show", `${commit}:README.md`)).toMatch(/^# Orders\n\nTakes every order\.\n/);
    expect(admin.threads(ORDERS).map(({ comments, isResolved }) => [isResolved, comments.slice(1)])).toEqual([
      [false, [expect.objectContaining({ body: expect.stringContaining("The suggested line is in.") })]],
      [false, []],
    ]);
    expect(admin.comments(ORDERS)).toMatchObject([{ body: expect.stringContaining("Nothing was changed for this") }]);
    // Answered once, it is not offered again.
    await looked();
    await until(() => world.cards().find((one) => !JSON.stringify(one.blocks).includes(ACTIONS.answerReview)));
  });
});
