import { setTimeout as wait } from "node:timers/promises";
import { sameRepository } from "../jobs/ids.ts";
import type { PullRequest } from "../jobs/pull-request.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, isTooSoon, saidBy, statusOf } from "./errors.ts";
import { isUnedited, markerOf } from "./marker.ts";
import { pullRequestRefusalOf } from "./refusals.ts";
import { ownerAndRepo } from "./repositories.ts";
import { withSectionOf } from "./set-section.ts";

export type PullRequestInput = {
  repository: string;
  /** Already pushed. */
  branch: string;
  base: string;
  title: string;
  /** Holds the marker of the job, see `pullRequestText`. */
  body: string;
  draft?: boolean;
  /** In place of `body` where it should be a draft and is none. */
  bodyWithoutDraft?: string;
  /** The section of the set stays as it was kept current; else what `body` says of it stands there from now on. */
  keepsSection?: boolean;
  labels?: readonly string[];
  marker: { jobId: string };
  /** From `ourLogin`, or of the app: `<slug>[bot]`. undefined: not known, so nothing that is there is ours. */
  ourLogin: string | undefined;
};

export type PullRequestResult =
  | { ok: true; pullRequest: PullRequest; opened: boolean; state: "open" | "closed" | "merged" }
  | { ok: false; reason: Reason };

export type PullRequestDeps = {
  sleep?: (ms: number) => Promise<unknown>;
  /** Right before each request to open one. It throws when another attempt has the task by now. */
  beforeOpening?: () => Promise<unknown>;
};

type Found = Awaited<ReturnType<GitHub["rest"]["pulls"]["list"]>>["data"][number];

/** GitHub's lists may lag behind what it just refused as a duplicate. */
const LOOK_AGAIN_MS = [0, 1_000, 3_000];
/** GitHub takes so many new things in a minute. */
const TOO_SOON_MS = [2_000, 5_000, 10_000, 20_000, 30_000];

/**
 * One pull request per job and repository, however often it is asked for: lists all of the branch first (a closed one
 * counts: a person closed it), adopts ours, and on "already exists" lists again. A pull request of that branch which
 * is not ours is never touched.
 */
export async function findOrOpenPullRequest(
  github: GitHub,
  input: PullRequestInput,
  { sleep = wait, beforeOpening = async () => {} }: PullRequestDeps = {},
): Promise<PullRequestResult> {
  const found = await listOfBranch(github, input);
  if (found.length > 0) return adopt(github, input, found);
  const opened = await openInTime(github, input, { sleep, beforeOpening });
  if (opened === "exists") {
    for (const ms of LOOK_AGAIN_MS) {
      await sleep(ms);
      const listed = await listOfBranch(github, input);
      if (listed.length > 0) return adopt(github, input, listed);
    }
    throw new Error(
      `GitHub says that ${input.repository} has a pull request of ${input.branch}, but does not list it.`,
    );
  }
  if ("code" in opened) return { ok: false, reason: opened };
  await label(github, input, opened.number);
  return { ok: true, pullRequest: factsOf(input, opened), opened: true, state: "open" };
}

async function listOfBranch(github: GitHub, { repository, branch }: PullRequestInput): Promise<Found[]> {
  const { owner, repo } = ownerAndRepo(repository);
  const listed = await github.paginate(github.rest.pulls.list, {
    owner,
    repo,
    state: "all",
    head: `${owner}:${branch}`,
    per_page: 100,
  });
  // GitHub ignores a filter it cannot read and then lists everything.
  return listed.filter(
    (pull) => pull.head.ref === branch && pull.head.repo && sameRepository(pull.head.repo.full_name, repository),
  );
}

async function adopt(github: GitHub, input: PullRequestInput, found: Found[]): Promise<PullRequestResult> {
  const ours = found.filter((pull) => isOurs(input, pull));
  const pull = ours.find((one) => one.state === "open") ?? ours[0];
  if (!pull)
    return { ok: false, reason: because("foreign-pull-request", input.repository, input.branch, ofOthers(found[0])) };
  const state = pull.state === "open" ? "open" : pull.merged_at ? "merged" : "closed";
  if (state === "open") {
    await rewrite(github, input, pull);
    const missing = (input.labels ?? []).filter((name) => !pull.labels.some((had) => had.name === name));
    await label(github, { ...input, labels: missing }, pull.number);
  }
  return { ok: true, pullRequest: factsOf(input, pull), opened: false, state };
}

/** Every author can write the marker, so the author counts too. */
const isOurs = ({ ourLogin, marker }: PullRequestInput, { user, body }: Found) =>
  markerOf(body ?? "")?.jobId === marker.jobId && ourLogin !== undefined && user?.login === ourLogin;

/**
 * A later round says what it did; words that a person has changed since stay, and old ones where GitHub takes no new.
 */
async function rewrite(github: GitHub, input: PullRequestInput, pull: Found) {
  const { repository, title } = input;
  const now = bodyFor(input, pull.draft ?? false);
  const body = input.keepsSection ? withSectionOf(now, pull.body ?? "") : now;
  if (pull.body === body || !isUnedited(pull.title, pull.body ?? "")) return;
  try {
    await github.rest.pulls.update({ ...ownerAndRepo(repository), pull_number: pull.number, title, body });
  } catch (error) {
    if (isTemporary(error) || ![403, 404, 410, 422].includes(statusOf(error) ?? 0)) throw error;
  }
}

const bodyFor = ({ draft, body, bodyWithoutDraft = body }: PullRequestInput, isDraft: boolean) =>
  draft && !isDraft ? bodyWithoutDraft : body;

async function openInTime(
  github: GitHub,
  input: PullRequestInput,
  { sleep, beforeOpening }: Required<PullRequestDeps>,
) {
  const tryOnce = async () => {
    await beforeOpening();
    return open(github, input);
  };
  for (const ms of TOO_SOON_MS) {
    try {
      return await tryOnce();
    } catch (error) {
      if (!isTooSoon(error)) throw error;
      await sleep(ms);
    }
  }
  return tryOnce();
}

async function open(github: GitHub, input: PullRequestInput): Promise<Found | Reason | "exists"> {
  const { repository, branch, base, title, body, draft = false } = input;
  try {
    const { data } = await github.rest.pulls.create({
      ...ownerAndRepo(repository),
      head: branch,
      base,
      title,
      body,
      draft,
    });
    return data as Found;
  } catch (error) {
    const is422 = statusOf(error) === 422;
    const said = saidBy(error);
    if (is422 && /pull request already exists/i.test(said)) return "exists";
    if (is422 && draft && /draft pull requests are not supported/i.test(said))
      return open(github, { ...input, draft: false, body: bodyFor(input, false) });
    const reason = pullRequestRefusalOf(error, input);
    if (reason) return reason;
    throw error;
  }
}

/**
 * Labels are for sorting; a pull request without them is still the result. GitHub makes a label that does not exist.
 */
async function label(github: GitHub, { repository, labels = [] }: PullRequestInput, issue_number: number) {
  if (labels.length === 0) return;
  try {
    await github.rest.issues.addLabels({ ...ownerAndRepo(repository), issue_number, labels: [...labels] });
  } catch (error) {
    // Whatever GitHub answered: a rate limit here must not lose what is open.
    if (statusOf(error) === undefined) throw error;
  }
}

const factsOf = ({ branch }: PullRequestInput, pull: Found): PullRequest => ({
  number: pull.number,
  url: pull.html_url,
  draft: pull.draft ?? false,
  branch,
  commit: pull.head.sha,
  nodeId: pull.node_id,
});

const ofOthers = (pull: Found | undefined) => ({ number: pull?.number, by: pull?.user?.login });
