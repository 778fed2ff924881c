import type { Clock } from "../clock/clock.ts";
import { because } from "../jobs/reasons.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, saidBy, statusOf } from "./errors.ts";
import { codeSpan, inertLine } from "./inert-markdown.ts";
import { withMarker } from "./marker.ts";
import type { AskOutcome } from "./merge-asked.ts";
import { isMergeable } from "./mergeable.ts";
import { findOrOpenPullRequest } from "./pull-requests.ts";
import { branchNow, ownerAndRepo } from "./repositories.ts";

const MAX_TITLE_CHARS = 120;
/** GitHub lists no more commits of a pull request. */
const MAX_COMMITS = 250;
const LABEL = "cody";

type Reverting = {
  github: GitHub;
  ours: string | undefined;
  /** Those who see the repository are those who may know who asked. */
  namesPeople: boolean;
  /** Its place among the reverts of the set, the last merged first. */
  place: { nth: number; of: number };
  clock: Pick<Clock, "sleep">;
};

/**
 * Opens a pull request that reverts what was merged, on a branch of ours. Its one commit stands on what the merge left
 * and has the tree from before it, so that merging it takes back exactly that: no clone is needed, and GitHub itself
 * says whether it conflicts with what came later. Each step finds what an earlier try of it did.
 */
export async function revertAsked(ask: SetAsk, reverting: Reverting): Promise<AskOutcome> {
  try {
    return await revert(ask, reverting);
  } catch (error) {
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
    return { state: "lapsed", reason: because("revert-refused", nameOfAsk(ask), saidBy(error)) };
  }
}

async function revert(ask: SetAsk, { github, ours, namesPeople, place, clock }: Reverting): Promise<AskOutcome> {
  const at = ownerAndRepo(ask.repository);
  const { data: pull } = await github.rest.pulls.get({ ...at, pull_number: ask.number });
  if (pull.node_id !== ask.nodeId) return { state: "lapsed", reason: because("ask-another", nameOfAsk(ask)) };
  if (!pull.merged_at) return { state: "lapsed", reason: because("revert-unmerged", nameOfAsk(ask)) };
  // Its name by now: GitHub tells no pull request of a branch by the former one.
  const repository = pull.base.repo.full_name;
  const now = { ...ask, repository };
  const span = pull.merge_commit_sha ? await mergedSpan(github, now, pull.merge_commit_sha) : undefined;
  if (!span) return { state: "lapsed", reason: because("revert-unknown", nameOfAsk(ask)) };

  const base = await branchNow(github, repository, pull.base.ref);
  if (base === undefined) {
    const said = `the branch ${pull.base.ref}, into which it was merged, is not there any more`;
    return { state: "lapsed", reason: because("revert-refused", nameOfAsk(ask), said) };
  }
  const title = `Revert "${inertLine(pull.title, MAX_TITLE_CHARS)}" (#${ask.number})`;
  const branch = branchOf(ask);
  const isThere = await makeBranch(github, now, { branch, message: messageOf(ask, title), ...span });
  if (!isThere) {
    const said = `the branch ${branch} holds something else`;
    return { state: "lapsed", reason: because("revert-refused", nameOfAsk(ask), said) };
  }
  const opened = await findOrOpenPullRequest(
    github,
    {
      repository,
      branch,
      base,
      title,
      body: withMarker(title, textOf(ask, { ...span, namesPeople, place }), ask.jobId),
      labels: [LABEL],
      marker: { jobId: ask.jobId },
      ourLogin: ours,
    },
    clock,
  );
  if (!opened.ok) return { state: "lapsed", reason: opened.reason };
  const { number, url } = opened.pullRequest;
  const conflicts = (await isMergeable(github, repository, number, clock)) === false;
  return { state: "done", revert: { number, url, conflicts } };
}

/** On the side of git where the branch of the pull request was: beside a branch `cody` nothing can stand below it. */
const branchOf = ({ branch, jobId, number }: SetAsk) =>
  `${branch.startsWith("cody-") ? "cody-" : "cody/"}${jobId}-revert-${number}`;

type Span = { merged: string; before: string };

/**
 * What a merge put on its base: the last commit of it, and the one before the first. A merge commit and a squash are one
 * commit; a rebase left as many as the pull request had without its merges, with their messages and the times at which
 * they were written. A squash was written when it was merged, also where it has the message of the last one. undefined: it
 * is none of them, or GitHub does not list all commits.
 */
async function mergedSpan(github: GitHub, ask: SetAsk, merged: string): Promise<Span | undefined> {
  const at = ownerAndRepo(ask.repository);
  const commitAt = async (commit_sha: string) => (await github.rest.git.getCommit({ ...at, commit_sha })).data;
  const last = await commitAt(merged);
  const [first] = last.parents;
  if (!first) return undefined;
  if (last.parents.length > 1) return { merged, before: first.sha };
  const listed = await github.paginate(github.rest.pulls.listCommits, {
    ...at,
    pull_number: ask.number,
    per_page: 100,
  });
  // Which of them came last is not known then, nor how many there were.
  if (listed.length >= MAX_COMMITS) return undefined;
  const own = listed.filter(({ parents }) => parents.length < 2).map(({ commit }) => commit);
  const isOneCommit = own.length < 2 || !own.some((one) => isRebased(last, one));
  if (isOneCommit) return { merged, before: first.sha };
  let commit = last;
  for (const one of own.toReversed()) {
    const [parent] = commit.parents;
    if (!isRebased(commit, one) || !parent) return undefined;
    commit = await commitAt(parent.sha);
  }
  return { merged, before: commit.sha };
}

type Written = { message: string; author?: { date?: string | undefined } | null };

/** Git ends a message that it writes anew with one line break. */
const isRebased = (commit: Written, own: Written) =>
  commit.message.trim() === own.message.trim() &&
  Date.parse(commit.author?.date ?? "") === Date.parse(own.author?.date ?? "");

/** Whether the branch holds the reverting commit now. It is made once: a second try finds it. */
async function makeBranch(
  github: GitHub,
  ask: SetAsk,
  { branch, message, merged, before }: Span & { branch: string; message: string },
): Promise<boolean> {
  const at = ownerAndRepo(ask.repository);
  const { data: wanted } = await github.rest.git.getCommit({ ...at, commit_sha: before });
  const holds = async () => {
    const { data: ref } = await github.rest.git.getRef({ ...at, ref: `heads/${branch}` });
    const { data: tip } = await github.rest.git.getCommit({ ...at, commit_sha: ref.object.sha });
    return tip.tree.sha === wanted.tree.sha && tip.parents[0]?.sha === merged;
  };
  try {
    return await holds();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  const { data: made } = await github.rest.git.createCommit({
    ...at,
    message,
    tree: wanted.tree.sha,
    parents: [merged],
  });
  try {
    await github.rest.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: made.sha });
    return true;
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
    return holds();
  }
}

const messageOf = ({ jobId, number }: SetAsk, title: string) =>
  `${title}\n\nThis takes back what pull request #${number} brought.\n\nCody-Job: ${jobId}\n`;

function textOf(
  { jobId, number, login }: SetAsk,
  { merged, namesPeople, place: { nth, of } }: Span & Pick<Reverting, "namesPeople" | "place">,
): string {
  const who = namesPeople && login !== undefined ? codeSpan(login, 100) : "A person";
  const order =
    of > 1
      ? `\n\nIt is number ${nth} of ${of} reverts of this job, the last merged first: merge them in this order.`
      : "";
  return `This takes back what #${number} brought, which was merged as ${codeSpan(merged.slice(0, 12), 40)}. ${who} asked for it in Slack.${order}\n\n---\nJob ${codeSpan(jobId, 40)}: review it like any other change.`;
}
