import { beforeEach, describe, expect, it } from "vitest";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { NUMBERS_ACTIONS } from "../../packages/views/history/numbers-view.ts";
import { aPullRequest, aStatus } from "../builders.ts";
import { daysAgo, historyWorld, homeAfter, modalSaying } from "./history-world.ts";

const world = historyWorld();
let made = false;

beforeEach(async () => {
  if (made) return;
  made = true;
  const pullRequest = aPullRequest("acme/orders", 7);
  const pullRequestStatus = aStatus({
    number: 7,
    state: "merged",
    head: pullRequest.commit,
    openedAt: daysAgo(2),
    mergedAt: daysAgo(1),
  });
  await world.job({ prompt: "Raise log4j", createdAt: daysAgo(2) }, ["published"], {
    pullRequest,
    pullRequestStatus,
    spendUsd: 1.5,
  });
  await world.job({ prompt: "Their payroll", createdAt: daysAgo(1), userId: "U0SECOND" }, ["failed"], {
    spendUsd: 0.5,
  });
  await world.job({ prompt: "Long ago", createdAt: daysAgo(40) }, ["unchanged"], { spendUsd: 0.25 });
});

describe("the numbers of a month", () => {
  it("open from Home and by the command; another month is chosen there, and its CSV is downloaded", async () => {
    const { requester } = world;
    await homeAfter(requester, () => requester.openHome());
    await requester.clickHome(HOME_ACTIONS.numbers);
    const modal = await modalSaying(requester, /\*Merged unchanged\*\n1/);
    await modalSaying(requester, /\*For each merged one\*\n\$2\.00/);
    await modalSaying(requester, /\*From opening to merge\*\n24\.0 h/);
    await modal.click(NUMBERS_ACTIONS.download);
    await modalSaying(requester, /cody-2026-11\.csv/);
    const [key] = [...world.memory.objects.keys()].filter((one) => one.startsWith("reports/T0LOCAL/"));
    expect(Buffer.from(world.memory.objects.get(key!)!).toString()).toMatch(/Their payroll[\s\S]*Raise log4j/);
    await (await requester.modal()).close();
    await modal.click(NUMBERS_ACTIONS.month, "2026-10");
    await modalSaying(requester, /\*Spent in all\*\n\$0\.25/);
    await modal.close();

    await requester.command("/cody report 2026-11");
    await (await modalSaying(requester, /\*Opened\*\n1/)).close();
    await requester.command("/cody report 2026-13");
    expect(requester.ephemerals().at(-1)!.text).toContain("Write a month as a year and a number");
    expect(world.workspace.refused).toEqual([]);
  });

  it("count what the person may read, and so does the CSV", async () => {
    world.deps.readRights.readable =
      async ({ userId }) =>
      (of) =>
        of.userId === userId;
    await world.requester.command("/cody report 2026-11");
    const modal = await modalSaying(world.requester, /\*Spent in all\*\n\$1\.50/);
    world.memory.objects.clear();
    await modal.click(NUMBERS_ACTIONS.download);
    await modalSaying(world.requester, /cody-2026-11\.csv/);
    const [csv] = [...world.memory.objects.values()];
    expect(Buffer.from(csv!).toString()).not.toContain("payroll");
  });
});
