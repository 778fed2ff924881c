import { forgeStandingOf, type PullPlace } from "./may-merge.ts";
import { mergePullRequest } from "./merge.ts";
import { mergeabilityOf } from "./mergeability.ts";
import { followHead } from "./pull-request-git.ts";
import type { ForgeRepositories } from "./repositories.ts";
import { mergeStateOf } from "./standing.ts";
import {
  ForgeCheck,
  type ForgeMergeMethod,
  type ForgePullRequest,
  type ForgeReview,
  type ForgeState,
} from "./state.ts";

export type ForgeActs = ReturnType<typeof createActs>;

/** What people, and the services that check commits, do with a pull request: on its page, and in tests. */
export function createActs({ state, repositories }: { state: ForgeState; repositories: ForgeRepositories }) {
  const touch = ({ pull }: PullPlace, changes: Partial<ForgePullRequest> = {}) => {
    Object.assign(pull, changes, { updatedAt: new Date().toISOString() });
    state.save();
  };

  const mergeNow = async (
    place: PullPlace,
    merge: { by: string; deleteBranch?: boolean; method?: ForgeMergeMethod },
  ) => {
    const { by, deleteBranch = false, method = place.repository.mergeMethods[0] ?? "merge" } = merge;
    await mergePullRequest(repositories.folderOf(place.repository), place.pull, { login: by, deleteBranch, method });
    touch(place, { draft: false });
  };
  /** What was to merge by itself does so once it may. */
  const settle = async (place: PullPlace) => {
    const { pull } = place;
    if (pull.state !== "open" || (pull.autoMergeAt === null && !pull.isQueued)) return;
    if (mergeStateOf(await forgeStandingOf({ state, repositories }, place)) !== "CLEAN") return;
    const by = pull.autoMergeBy ?? "github-merge-queue[bot]";
    await mergeNow(place, { by, ...(pull.autoMergeMethod && { method: pull.autoMergeMethod }) });
  };

  return {
    settle,

    /** Sets a check of its newest commit. The name tells checks apart: one of the same name begins anew. */
    async setCheck(place: PullPlace, { sha, ...said }: SetCheck) {
      const { repository, pull } = place;
      await followHead(repositories.folderOf(repository), pull);
      const about = { repositoryId: repository.id, sha: sha ?? pull.headSha, id: state.data.nextId++ };
      const check = ForgeCheck.parse({ kind: "run", ...said, ...about });
      const { name } = check;
      const isSame = (one: ForgeCheck) =>
        one.repositoryId === check.repositoryId && one.sha === check.sha && one.name === name;
      const at = state.data.checks.findIndex(isSame);
      if (at < 0) state.data.checks.push(check);
      else state.data.checks[at] = check;
      touch(place);
      await settle(place);
    },

    async review(place: PullPlace, { author, state: decision, body = "" }: SetReview) {
      const { repository, pull } = place;
      state.data.reviews.push({
        id: state.data.nextId++,
        repositoryId: repository.id,
        number: pull.number,
        author,
        state: decision,
        body,
        sha: pull.headSha,
        submittedAt: new Date().toISOString(),
      });
      touch(place);
      await settle(place);
    },

    /** Begins a discussion at a line; gives its number. */
    comment(
      place: PullPlace,
      { author, body, ...where }: { author: string; path: string; line: number; body: string },
    ) {
      const { repository, pull } = place;
      const id = state.data.nextId++;
      const comments = [{ id: state.data.nextId++, author, body }];
      const about = { repositoryId: repository.id, number: pull.number };
      state.data.threads.push({ id, ...about, ...where, isResolved: false, comments });
      touch(place);
      return id;
    },

    /** In a discussion, by its number. */
    reply(place: PullPlace, thread: number, { author, body }: { author: string; body: string }) {
      const id = state.data.nextId++;
      state.data.threads.find((one) => one.id === thread)!.comments.push({ id, author, body });
      touch(place);
      return id;
    },

    resolve(place: PullPlace, thread: number) {
      state.data.threads.find((one) => one.id === thread)!.isResolved = true;
      touch(place);
    },

    /**
     * Merges it; a draft is marked ready first. Does nothing where the button on GitHub is grey: for what is not open,
     * or has conflicts.
     */
    async merge(place: PullPlace, merge: { by: string; deleteBranch?: boolean; method?: ForgeMergeMethod }) {
      const bare = repositories.folderOf(place.repository);
      if (place.pull.state !== "open") return;
      // The first look starts the work, and the next one has its result.
      await mergeabilityOf(bare, place.pull);
      if ((await mergeabilityOf(bare, place.pull))?.conflicts) return;
      await mergeNow(place, merge);
    },

    close(place: PullPlace, by: string) {
      if (place.pull.state === "open") touch(place, { state: "closed", closedBy: by });
    },

    reopen(place: PullPlace) {
      if (!place.pull.mergedAt) touch(place, { state: "open", closedBy: null });
    },

    autoMerge: (place: PullPlace, on: boolean, { by = null, method = null }: AutoMerge = {}) =>
      touch(place, {
        autoMergeAt: on ? new Date().toISOString() : null,
        autoMergeBy: on ? by : null,
        autoMergeMethod: on ? method : null,
      }),

    enqueue: (place: PullPlace, on: boolean) => touch(place, { isQueued: on }),
  };
}

/** `sha`: another commit than its newest. */
type SetCheck = Pick<ForgeCheck, "name" | "outcome"> &
  Partial<Pick<ForgeCheck, "kind" | "sha" | "title" | "summary" | "text" | "annotations" | "log">>;
type AutoMerge = { by?: string | null; method?: ForgeMergeMethod | null };
type SetReview = Pick<ForgeReview, "author" | "state"> & { body?: string };
