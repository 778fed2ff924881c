import { expect } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { lookActionId, PLACES } from "../../packages/views/history/places.ts";
import { runOf, until, type World } from "./world.ts";

const home = (person: Person) => blockLines(person.home()!.blocks).join("\n");

async function homeSaying(person: Person, words: RegExp) {
  person.openHome();
  return until(() => (person.home() && words.test(home(person)) ? home(person) : undefined));
}

async function modalSaying(person: Person, words: RegExp) {
  const modal = await person.modal();
  await until(() => (words.test(JSON.stringify(modal.view.blocks)) ? true : undefined));
  return modal;
}

async function fetchLink(shown: unknown): Promise<Response> {
  const [link] = /https?:[^"\\|>\s]+X-Amz-Signature=\w+[^"\\|>\s]*/.exec(JSON.stringify(shown)) ?? [];
  return fetch(link!.replaceAll("&amp;", "&"));
}

/** From the dashboard to the verdict, the conversation, the page, the JSON and the patches of a job of three repositories. */
export async function looksBack(world: World, record: JobRecord) {
  const { requester, second } = world;
  const { jobId } = record.job;

  const dashboard = await homeSaying(requester, /2 pull requests, 1 unchanged/);
  expect(dashboard).toMatch(/Nothing runs and nothing waits/);
  expect(dashboard).toMatch(/acme\/orders: 1 job, 1 pull request/);
  await homeSaying(second, /2 pull requests, 1 unchanged/);
  await second.clickHome(HOME_ACTIONS.whose, "mine");
  await until(() => (/There are no such jobs/.test(home(second)) ? true : undefined));

  await requester.clickHome(lookActionId("job-0"));
  const modal = await modalSaying(requester, /3 of 3 done/);
  await modal.click(lookActionId("run-2"));
  await modalSaying(requester, /No changes were necessary/);
  expect(JSON.stringify(modal.view.blocks)).toContain("build.gradle");
  await modal.click(PLACES.back);
  await modalSaying(requester, /3 of 3 done/);

  await modal.click(ACTIONS.downloadPatches);
  await modalSaying(requester, /15 minutes/);
  const zip = Buffer.from(await (await fetchLink(modal.view)).arrayBuffer());
  expect(zip.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  expect(zip.includes(`acme-orders-${jobId}-r1.patch`)).toBe(true);
  await modal.close();

  await modal.click(lookActionId("run-0"));
  await modalSaying(requester, /Changes were necessary/);
  await modal.click(lookActionId("simple"));
  await modalSaying(requester, /Read pom\.xml/);
  expect(JSON.stringify(modal.view.blocks)).toContain("Was told: Raise log4j-core");
  await modal.click(`${PLACES.turn}-style`);
  await modalSaying(requester, /Called read_file/);

  await modal.click(ACTIONS.downloadConversation);
  await modalSaying(requester, /-conversation\.json/);
  const conversation = await (await fetchLink(modal.view)).json();
  expect(conversation).toMatchObject({ jobId, repository: "acme/orders" });
  const turns = new Set(conversation.entries.map(({ turn }: { turn: number }) => turn)).size;
  expect(turns).toBe(runOf(record, "acme/orders").turns);
  await modal.close();

  await modal.click(ACTIONS.openTranscript);
  await modalSaying(requester, /The conversation about acme\/orders/);
  const page = await fetchLink(modal.view);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(await page.text()).toContain("acme/orders");
  // The link, the repository, the job.
  for (let opened = 3; opened > 0; opened--) await modal.close();
  // A form that was sent is not there any more for its estimate.
  const refused = world.refused.filter((line) => line !== "slack refused views.update: not_found");
  expect(refused.filter((line) => line.startsWith("slack"))).toEqual([]);
}
