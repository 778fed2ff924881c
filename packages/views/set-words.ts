import type { JobRecord } from "../jobs/job-record.ts";
import type { PullRequestStatus } from "../jobs/pull-request-status.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { followedStatusOf } from "../jobs/run-pull-request.ts";
import { hasAskEnded, type SetAsk } from "../jobs/set-ask.ts";
import { listed } from "../text/lists.ts";
import { escaped, escapedWithin, linkText } from "./text.ts";
import { mention, when } from "./who-and-when.ts";

type Standing = { words: (count: number) => string; is: (run: RepoRun, status: PullRequestStatus) => boolean };

/** What holds one of a set back, the first that fits; merged ones are counted before. */
const OTHERS: readonly Standing[] = [
  {
    words: (n) => `${n} closed`,
    is: ({ pullRequest }, { state }) => state === "closed" || pullRequest?.closed === true,
  },
  { words: (n) => `${n} ${n === 1 ? "has" : "have"} conflicts`, is: (_, { conflicts }) => conflicts === true },
  { words: (n) => `${n} with failed checks`, is: (_, { checks }) => checks === "failed" },
  { words: (n) => `${n} with changes requested`, is: (_, { review }) => review === "changes-requested" },
  { words: (n) => `${n} ${waits(n)} for checks`, is: (_, { checks }) => checks === "pending" },
  { words: (n) => `${n} ${waits(n)} for a review`, is: (_, { review }) => review === "required" },
  { words: (n) => `${n} ${n === 1 ? "is a draft" : "are drafts"}`, is: (_, { draft }) => draft },
];
const waits = (count: number) => (count === 1 ? "waits" : "wait");

/** "2 of 4 merged, 1 waits for checks": the pull requests of a job together. Empty: it has one, or none is known yet. */
export function setWords({ runs }: Pick<JobRecord, "runs">): string {
  const known = runs.flatMap((run) => {
    const status = followedStatusOf(run);
    return status ? [{ run, status }] : [];
  });
  const all = runs.filter(({ pullRequest }) => pullRequest !== undefined).length;
  if (all < 2 || known.length === 0) return "";
  const merged = known.filter(({ status }) => status.state === "merged").length;
  const left = known.filter(({ status }) => status.state !== "merged");
  const counts = new Map<Standing, number>();
  for (const { run, status } of left) {
    const found = OTHERS.find(({ is }) => is(run, status));
    if (found) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  const others = OTHERS.flatMap((one) => (counts.has(one) ? [one.words(counts.get(one)!)] : []));
  if (merged === 0 && others.length === 0) return "";
  return [`${merged} of ${all} merged`, ...others].join(", ");
}

const MAX_NAME = 160;
const MAX_SAID = 200;

/** A link is labelled with the host that it really leads to. */
const linked = (url: string) => `<${escaped(url)}|${escapedWithin(linkText(url), MAX_NAME)}>`;
const named = (asks: readonly SetAsk[]) => listed(asks.map(({ url }) => linked(url)));
const who = (ask: SetAsk) => `${mention(ask.by)}, ${when(ask.at)}`;

/** Who asked for what, and what became of it: a line for each that differs. mrkdwn of ours. `most`: so many lines. */
export function askLines({ asks = [] }: JobRecord, most: number): string[] {
  const groups = Map.groupBy(
    asks.toSorted((a, b) => a.at.localeCompare(b.at) || a.after.length - b.after.length),
    (ask) =>
      JSON.stringify([
        ask.kind,
        ask.by,
        ask.at.slice(0, 16),
        ask.state,
        ask.reason,
        ask.said,
        Boolean(ask.stop),
        ask.revert,
      ]),
  );
  return [...groups.values()].map((group) => lineOf(group[0]!, group)).slice(-most);
}

function lineOf(ask: SetAsk, group: readonly SetAsk[]): string {
  const names = named(group);
  if (ask.reason && hasAskEnded(ask))
    return `${escapedWithin(`${ask.reason.message} ${ask.reason.nextStep}`.trim(), 400)} Asked for by ${who(ask)}.`;
  const inOrder = ask.kind === "merge" && group.some(({ after }) => after.length > 0) ? ", one after another" : "";
  const said = ask.said ? ` GitHub said: ${escapedWithin(ask.said, MAX_SAID)}` : "";
  return `${DEEDS[ask.kind](ask, `${names}${inOrder}`)}, asked for by ${who(ask)}.${said}`;
}

const DEEDS: Record<SetAsk["kind"], (ask: SetAsk, names: string) => string> = {
  merge: ({ state, stop }, names) => {
    if (state === "done") return `Merged: ${names}`;
    if (stop) return `No longer to be merged: ${names}`;
    if (state === "auto-merge") return `GitHub merges once it may: ${names}`;
    if (state === "queued") return `In GitHub's merge queue: ${names}`;
    return `Merges when green: ${names}`;
  },
  close: ({ state }, names) => `${state === "done" ? "Closed" : "Is being closed"}: ${names}`,
  revert: ({ revert }, names) =>
    revert
      ? `Reverting ${names} is ${linked(revert.url)}${revert.conflicts ? ", which conflicts with its base" : ""}`
      : `Is being reverted: ${names}`,
};
