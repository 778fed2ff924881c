import { expect, it } from "vitest";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { wrongKey } from "../../packages/stand-ins/claude/faults.ts";
import { ledger } from "../../packages/stand-ins/forge/samples/ledger.ts";
import { orders } from "../../packages/stand-ins/forge/samples/orders.ts";
import { CAMPAIGN_ACTIONS } from "../../packages/views/campaign-card.ts";
import { CAMPAIGN_FIELDS } from "../../packages/views/campaign-form.ts";
import { openWorld, until } from "./world.ts";

/** Two that need the change come first; nothing is needed in the other two. */
const FOUR = [..."abcd"].map((letter, i) => ({ ...(i < 2 ? orders : ledger), name: `acme/svc-${letter}` }));

it("a campaign tries two of four repositories, stops at the first failure, and after a look does the rest, in one table", async () => {
  const world = await openWorld({
    stock: async ({ admin }) => {
      for (const repository of FOUR) await admin.addRepository(repository);
      return FOUR.map(({ name }) => name);
    },
  });
  world.claude.faults.push(wrongKey);
  const jobs = async () => (await world.store.jobsOfTeam("T0LOCAL", { limit: 10 })).items;
  const messages = () =>
    world
      .slack!.workspace.channels()
      .flatMap(({ id }) => world.slack!.workspace.messages(id))
      .filter(({ metadata }) => metadata?.event_type === "cody_campaign");
  const saying = (words: RegExp) =>
    until(() =>
      messages().find(({ blocks = [] }) => words.test(blockLines(blocks).join("\n").replaceAll(/\s+/g, " "))),
    );

  await world.requester.command("/cody campaign");
  const form = await world.requester.modal();
  await form.fill({
    [CAMPAIGN_FIELDS.prompt]: SAMPLE_PROMPT,
    [CAMPAIGN_FIELDS.repositories]: "acme/svc-*",
    [CAMPAIGN_FIELDS.firstWave]: "2",
    [CAMPAIGN_FIELDS.stopAfter]: "1",
  });
  await form.submit();
  await (await world.requester.modal()).submit();
  await saying(/Wave 1 starts shortly/);
  expect(await jobs()).toEqual([]);

  await Promise.all([world.runSchedules(), world.runSchedules()]);
  const first = await world.untilAtRest();
  expect(first.job).toMatchObject({ repositories: ["acme/svc-a", "acme/svc-b"], campaign: { wave: 1 } });
  expect(first.runs.map(({ state }) => state).toSorted()).toEqual(["failed", "published"]);
  await world.runSchedules();
  const stopped = await saying(/No further wave starts: 1 repository failed/);
  await world.runSchedules();
  expect(await jobs()).toHaveLength(1);

  await world.requester.click(stopped.ts, CAMPAIGN_ACTIONS.goOn);
  await saying(/Look at wave 1, then press \*?Start wave 2/);
  await Promise.all([1, 2].map(() => world.requester.click(stopped.ts, CAMPAIGN_ACTIONS.next)));
  await saying(/Wave 2 starts shortly/);
  await world.runSchedules();
  const second = await world.untilJob((record) => record.job.jobId !== first.job.jobId && allAtRest(record));
  expect(second.job.repositories).toEqual(FOUR.slice(2).map(({ name }) => name));
  expect(second.runs.map(({ state }) => state)).toEqual(Array.from({ length: 2 }, () => "unchanged"));
  await world.runSchedules();
  const done = await saying(/1 open as a draft, 2 unchanged, 1 failed/);
  expect(JSON.stringify(done.blocks)).toContain(first.runs.find(({ pullRequest }) => pullRequest)!.pullRequest!.url);
  expect(messages()).toHaveLength(1);
  expect(await jobs()).toHaveLength(2);
  await until(() => JSON.stringify(world.cards()).includes("Wave 2 of the campaign"));
});
