import { mergePullRequest } from "./merge.ts";
import { mergeabilityOf } from "./mergeability.ts";
import { followHead } from "./pull-request-git.ts";
import type { ForgeRepositories } from "./repositories.ts";
import { ForgeCheck, type ForgePullRequest, type ForgeRepository, type ForgeReview, type ForgeState } from "./state.ts";

export type ForgeActs = ReturnType<typeof createActs>;
type Place = { repository: ForgeRepository; pull: ForgePullRequest };

/** What people, and the services that check commits, do with a pull request: on its page, and in tests. */
export function createActs({ state, repositories }: { state: ForgeState; repositories: ForgeRepositories }) {
  const touch = ({ pull }: Place, changes: Partial<ForgePullRequest> = {}) => {
    Object.assign(pull, changes, { updatedAt: new Date().toISOString() });
    state.save();
  };

  return {
    /** Sets a check of its newest commit. The name tells checks apart: one of the same name begins anew. */
    async setCheck(place: Place, { sha, ...said }: SetCheck) {
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
    },

    review(place: Place, { author, state: decision, body = "" }: SetReview) {
      const { repository, pull } = place;
      state.data.reviews.push({
        repositoryId: repository.id,
        number: pull.number,
        author,
        state: decision,
        body,
        sha: pull.headSha,
        submittedAt: new Date().toISOString(),
      });
      touch(place);
    },

    /**
     * Merges it; a draft is marked ready first. Does nothing where the button on GitHub is grey: for what is not open,
     * or has conflicts.
     */
    async merge(place: Place, { by, deleteBranch = false }: { by: string; deleteBranch?: boolean }) {
      const bare = repositories.folderOf(place.repository);
      if (place.pull.state !== "open") return;
      // The first look starts the work, and the next one has its result.
      await mergeabilityOf(bare, place.pull);
      if ((await mergeabilityOf(bare, place.pull))?.conflicts) return;
      await mergePullRequest(bare, place.pull, { login: by, deleteBranch });
      touch(place, { draft: false });
    },

    close(place: Place, by: string) {
      if (place.pull.state === "open") touch(place, { state: "closed", closedBy: by });
    },

    reopen(place: Place) {
      if (!place.pull.mergedAt) touch(place, { state: "open", closedBy: null });
    },

    autoMerge: (place: Place, on: boolean) => touch(place, { autoMergeAt: on ? new Date().toISOString() : null }),
  };
}

/** `sha`: another commit than its newest. */
type SetCheck = Pick<ForgeCheck, "name" | "outcome"> &
  Partial<Pick<ForgeCheck, "kind" | "sha" | "title" | "summary" | "text" | "annotations" | "log">>;
type SetReview = Pick<ForgeReview, "author" | "state"> & { body?: string };
