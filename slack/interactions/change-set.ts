import type { App, BlockButtonAction } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { followedStatusOf } from "../../packages/jobs/run-pull-request.ts";
import type { SetAsk } from "../../packages/jobs/set-ask.ts";
import { knownPullRequestOf, newestCommitOf, setOffers } from "../../packages/jobs/set-offers.ts";
import type { AuditAction } from "../../packages/jobs/team.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { loadingModal, sentenceModal } from "../../packages/views/history/blocks.ts";
import { MERGE_FIELDS, MERGE_MODAL, MERGE_TITLE, mergeForm, readShownHeads } from "../../packages/views/merge-form.ts";
import { mention } from "../../packages/views/who-and-when.ts";
import { mustBeAllowedToMerge, readOwnJob, STALE, targetOf } from "../access.ts";
import { mustBeOfRound } from "../ask-round.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton, onSubmit, openView, showRead, type Values, whoOf } from "../listen.ts";
import { showAgain } from "./shown-again.ts";

const NOTHING: Record<SetAsk["kind"], string> = {
  merge: "Nothing to merge now: no pull request of this job is open and ready, or that is asked for already.",
  close: "No pull request of this job is left to close, or that is asked for already.",
  revert: "No pull request of this job is merged, or its revert is asked for already.",
};

type Wanted = { run: RepoRun; after?: string[] };

/** A row for each pull request; what stands already is left as it is. Slack's side cannot write to GitHub. */
async function ask(
  deps: SlackDeps,
  who: Who,
  jobId: string,
  { kind, action }: { kind: SetAsk["kind"]; action: AuditAction },
  choose: (record: JobRecord, offered: RepoRun[]) => Wanted[],
): Promise<undefined> {
  const write = async () => {
    const record = await readOwnJob(deps, jobId, who);
    const wanted = choose(record, setOffers(record)[kind]);
    if (wanted.length === 0) throw new UserError(NOTHING[kind]);
    await mustBeAllowedToMerge(deps, who, { job: record.job, repositories: wanted.map(({ run }) => run.repository) });
    const login = deps.repositories.loginOf(who);
    const at = deps.now().toISOString();
    // Earlier ones of an order first: one that waits for another is never there alone.
    const others: SetAsk[] = [];
    for (const { run, after = [] } of wanted) {
      const { number, nodeId, url, branch } = knownPullRequestOf(run)!;
      const { repository } = run;
      const pinned = { number, nodeId, url, branch, head: newestCommitOf(run) };
      const by = { by: who.userId, at, ...(login !== undefined && { login }) };
      const row: SetAsk = { jobId, repository, kind, ...pinned, ...by, after, state: "waiting" };
      const written = await deps.store.insertAsk(row);
      if (written === "created") await deps.store.lookSoon(row);
      else others.push(written);
    }
    if (others.length === wanted.length) {
      const sentence = "That is asked for already; look at the card.";
      throw new UserError(sentence, {
        inMessage: `${mention(others[0]!.by)} asked for that already; look at the card.`,
      });
    }
    return { repositories: wanted.map(({ run }) => run.repository) };
  };
  await audited(deps, who, { action, jobId }, write, (facts) => facts);
  return undefined;
}

async function stopMerging(deps: SlackDeps, who: Who, jobId: string): Promise<undefined> {
  await audited(
    deps,
    who,
    { action: "stop-merge", jobId },
    async () => {
      const record = await readOwnJob(deps, jobId, who);
      const { stop } = setOffers(record);
      const repositories = stop.map(({ repository }) => repository);
      await mustBeAllowedToMerge(deps, who, { job: record.job, repositories });
      const stopped = await Promise.all(stop.map((one) => deps.store.stopAsk(one, { by: who.userId })));
      if (!stopped.includes("stopped")) throw new UserError("No merge of this job waits any more; look at the card.");
      return { repositories };
    },
    (facts) => facts,
  );
  return undefined;
}

/** In the order that the person wrote; each after those before it. */
function inOrder(record: JobRecord, chosen: RepoRun[], numbers: string): Wanted[] {
  const places = chosen.map(({ repository }) => record.job.repositories.indexOf(repository) + 1);
  const said = numbers.split(/[\s,;>]+/).filter(Boolean);
  const order = said.length === 0 ? places : said.map((word) => (/^\d$/.test(word) ? Number(word) : 0));
  const isWhole = order.length === places.length && places.every((place) => order.includes(place));
  if (!isWhole)
    throw new UserError(`Write each number of what you have ticked once, first to last: ${places.join(", ")}.`);
  return eachAfter(order.map((place) => chosen[places.indexOf(place)]!));
}

function lastMergedFirst({ asks = [] }: JobRecord, merged: RepoRun[]): Wanted[] {
  const mergedAt = (run: RepoRun) =>
    followedStatusOf(run)?.mergedAt ??
    asks.find((one) => one.kind === "merge" && one.repository === run.repository)?.endedAt ??
    "";
  return eachAfter(merged.toSorted((a, b) => mergedAt(b).localeCompare(mergedAt(a))));
}

const eachAfter = (runs: RepoRun[]): Wanted[] =>
  runs.map((run, i) => ({ run, after: runs.slice(0, i).map(({ repository }) => repository) }));

function chosenIn(record: JobRecord, offered: RepoRun[], values: Values, heads: Record<string, string>): Wanted[] {
  const said = (field: string) => values[field]?.[field];
  const places = (said(MERGE_FIELDS.pulls)?.selected_options ?? []).map(({ value }) => value ?? "");
  const chosen = places.flatMap((place) => {
    const run = offered.find(({ repository }) => repository === record.job.repositories[Number(place)]);
    if (!run) throw new UserError("One of these cannot be merged any more: close this form and open it again.");
    if (newestCommitOf(run) !== heads[place])
      throw new UserError(`${run.repository} has got a newer commit: close this form, look at it and open it again.`);
    return run;
  });
  const isOrdered = said(MERGE_FIELDS.order)?.selected_option?.value === "ordered";
  return isOrdered ? inOrder(record, chosen, said(MERGE_FIELDS.numbers)?.value ?? "") : chosen.map((run) => ({ run }));
}

export function listenToChangeSet(app: App, deps: SlackDeps): void {
  const after = showAgain(deps);
  const merging = { kind: "merge", action: "merge" } as const;
  onButton(
    app,
    ACTIONS.mergeOne,
    ({ value, who }) => {
      const target = targetOf(value);
      return ask(deps, who, target.jobId, merging, (record, offered) => {
        const of = mustBeOfRound(record, target);
        if (target.head !== undefined && target.head !== newestCommitOf(of))
          throw new UserError(`${of.repository} has got a newer commit: look at it, then press the button again.`);
        const { repository } = of;
        return offered.filter((run) => run.repository === repository).map((run) => ({ run }));
      });
    },
    after,
  );
  for (const { action, kind } of [
    { action: ACTIONS.closeSet, kind: "close" },
    { action: ACTIONS.revertSet, kind: "revert" },
  ] as const)
    onButton(
      app,
      action,
      ({ value, who }) =>
        ask(deps, who, targetOf(value).jobId, { kind, action: `${kind}-set` }, (record, offered) =>
          kind === "close" ? offered.map((run) => ({ run })) : lastMergedFirst(record, offered),
        ),
      after,
    );
  onButton(app, ACTIONS.stopMerge, ({ value, who }) => stopMerging(deps, who, targetOf(value).jobId), after);

  app.action<BlockButtonAction>(ACTIONS.merge, async (args) => {
    const { action, body, client, context } = args;
    const { id } = await openView(args, body.trigger_id, loadingModal(MERGE_TITLE));
    const saying = (sentence: string) => sentenceModal(MERGE_TITLE, sentence);
    const read = async () =>
      mergeForm(await readOwnJob(deps, targetOf(action.value).jobId, whoOf(context))) ?? saying(NOTHING.merge);
    await showRead(client, id, read, saying);
  });
  onSubmit(
    app,
    MERGE_MODAL,
    () => MERGE_FIELDS.pulls,
    async ({ private_metadata, state }, who) => {
      const shown = readShownHeads(private_metadata);
      if (!shown) throw new UserError(STALE);
      await ask(deps, who, shown.jobId, merging, (record, offered) =>
        chosenIn(record, offered, state.values, shown.heads),
      );
      return {};
    },
  );
}
