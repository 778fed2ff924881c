import { createHash } from "node:crypto";
import type { App, BlockButtonAction, BlockStaticSelectAction, webApi } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { isSameTask } from "../../packages/pipeline/repeats.ts";
import { reportKey } from "../../packages/store/keys.ts";
import { plural } from "../../packages/text/counts.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import type { SignedLink } from "../../packages/views/history/link-view.ts";
import { numbersCsv } from "../../packages/views/history/numbers-csv.ts";
import { NUMBERS_ACTIONS, numbersModal, numbersView } from "../../packages/views/history/numbers-view.ts";
import { readNumbers } from "../../packages/views/history/read-numbers.ts";
import { escaped } from "../../packages/views/text.ts";
import { STALE } from "../access.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { type Opener, openView, showRead, whoOf } from "../listen.ts";
import { onLink } from "./downloads-answer.ts";

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

function monthIn(text: string | undefined, now: Date): string {
  if (text === undefined) return now.toISOString().slice(0, 7);
  if (!MONTH.test(text)) throw new UserError("Write a month as a year and a number, for example 2026-11.");
  return text;
}

async function numbersFor(deps: SlackDeps, who: Who, month: string) {
  const [readable, saved] = await Promise.all([deps.readRights.readable(who), deps.store.templatesOfTeam(who.teamId)]);
  const nameOf = (prompt: string) => saved.find((template) => isSameTask(template.prompt, prompt))?.name;
  return readNumbers({ store: deps.store, readable, nameOf }, who.teamId, month);
}

const show = (deps: SlackDeps, client: webApi.WebClient, viewId: string, who: Who, month: string): Promise<void> =>
  showRead(
    client,
    viewId,
    async () => numbersView(await numbersFor(deps, who, month), deps.now()),
    (sentence) => numbersModal([context(escaped(sentence))]),
  );

/** By the command, and from Home. */
export async function openNumbers(
  deps: SlackDeps,
  opener: Opener & { client: webApi.WebClient },
  { triggerId, who, month }: { triggerId: string; who: Who; month?: string | undefined },
): Promise<void> {
  const chosen = monthIn(month, deps.now());
  const { id } = await openView(opener, triggerId, numbersModal([context("Loading …")]));
  await show(deps, opener.client, id, who, chosen);
}

/** Stored under what is in it: what a person may not read is not in theirs. */
async function csvLink(deps: SlackDeps, who: Who, month: string | undefined): Promise<SignedLink> {
  const numbers = await numbersFor(deps, who, monthIn(month, deps.now()));
  const csv = numbersCsv(numbers);
  const digest = createHash("sha256").update(csv).digest("hex").slice(0, 32);
  const key = reportKey(who.teamId, digest);
  await deps.artifacts.putOnce(key, Buffer.from(csv), "text/csv; charset=utf-8");
  const label = `cody-${numbers.month}.csv`;
  const lines = csv.split("\r\n").length - 2;
  return { url: await deps.artifacts.link(key, { fileName: label }), label, facts: plural(lines, "line") };
}

/** What the workspace's jobs came to: opened, merged, closed, and what a merged one cost. */
export function listenToNumbers(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(HOME_ACTIONS.numbers, (args) =>
    openNumbers(deps, args, { triggerId: args.body.trigger_id, who: whoOf(args.context) }),
  );
  app.action<BlockStaticSelectAction>(NUMBERS_ACTIONS.month, async ({ ack, action, body, client, context: about }) => {
    await ack();
    const month = action.selected_option.value;
    if (!body.view || !MONTH.test(month)) throw new UserError(STALE);
    await show(deps, client, body.view.id, whoOf(about), month);
  });
  onLink(app, NUMBERS_ACTIONS.download, (who, value) => csvLink(deps, who, value));
}
