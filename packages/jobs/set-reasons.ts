import { clip } from "../text/cut.ts";
import { final } from "./reason-table.ts";

/** For so long Cody waits until a pull request may be merged. */
export const MERGE_DAYS = 7;

const AGAIN = "Look at it on GitHub; then ask for the merge again.";

/** Why what was asked for pull requests of a set did not come about. `name`: `acme/orders#12`. */
export const SET_REASONS = {
  "merge-moved": final((name: string) => [
    `${name} has got a newer commit since its merge was asked for, so it was not merged.`,
    "Look at the new commit; then ask for the merge again.",
  ]),
  "merge-other-base": final((name: string, base: string, before: string) => [
    `${name} goes into ${clip(base, 100)} now and was opened for ${clip(before, 100)}, so it was not merged.`,
    "Look at it and merge it on GitHub, or set its base back and ask for the merge again.",
  ]),
  "merge-base-gone": final((name: string, before: string, base: string) => [
    `${name} was opened for ${clip(before, 100)}, which is not there any more; GitHub points it at ${clip(base, 100)} now, so it was not merged.`,
    "Look whether it belongs there, and merge it on GitHub.",
  ]),
  "merge-closed-base": final((name: string, base: string) => [
    `${name} was closed, because the branch that it goes into, ${clip(base, 100)}, was deleted.`,
    "Restore that branch and reopen it on GitHub, and ask for the merge again, if it is still wanted.",
  ]),
  "merge-closed": final((name: string) => [
    `${name} was closed before it was merged.`,
    "Reopen it on GitHub and ask for the merge again, if it is still wanted.",
  ]),
  "merge-gone": final((name: string) => [`${name} is not there for Cody's GitHub token any more.`, AGAIN]),
  "merge-conflicts": final((name: string) => [
    `${name} conflicts with its base, so it was not merged.`,
    "Solve the conflicts on its branch; then ask for the merge again.",
  ]),
  "merge-another": final((name: string) => [
    `${name} is not this job's pull request any more, so nothing was merged.`,
    "Ask for the merge of the new one.",
  ]),
  "merge-order": final((name: string, earlier: string) => [
    `${name} was to be merged after ${earlier}, and that one was not merged.`,
    "Settle the earlier one; then ask for the merge again.",
  ]),
  "merge-stopped": final((name: string) => [
    `${name} is not merged: a person has taken that back.`,
    "Ask for the merge again, if it is wanted after all.",
  ]),
  "merge-let-go": final((name: string) => [
    `${name} was handed to GitHub's auto-merge or merge queue, and was taken out of it before it was merged.`,
    AGAIN,
  ]),
  "merge-expired": final((name: string) => [
    `${name} could not be merged within ${MERGE_DAYS} days, so Cody waits no longer.`,
    AGAIN,
  ]),
  "merge-rights": final((name: string, login: string) => [
    `GitHub says that ${clip(login, 100)} may not write to the repository of ${name} any more, so it was not merged.`,
    "A person who may write there can ask for the merge.",
  ]),
  "ask-rights": final((name: string, login: string) => [
    `GitHub says that ${clip(login, 100)} may not write to the repository of ${name} any more, so nothing was done.`,
    "A person who may write there can ask for it.",
  ]),
  "ask-another": final((name: string) => [
    `${name} is another pull request now than the one that was asked about, so nothing was done.`,
    "The name of the repository leads to another one: look for the pull request under its new name.",
  ]),
  "merge-refused": final((name: string, said: string) => [
    `GitHub does not let Cody's token merge ${name}: ${clip(said, 250)}`,
    "Give the token Contents and Pull requests (read and write) there, or merge it on GitHub.",
  ]),
  "close-refused": final((name: string, said: string) => [
    `GitHub does not let Cody's token close ${name}: ${clip(said, 250)}`,
    "Close it on GitHub, or give the token Pull requests (read and write) there.",
  ]),
  "close-merged": final((name: string) => [`${name} was merged before it could be closed.`, "Revert it, if need be."]),
  "revert-refused": final((name: string, said: string) => [
    `GitHub did not take the pull request that reverts ${name}: ${clip(said, 250)}`,
    "Revert it on GitHub, or settle what GitHub names and ask again.",
  ]),
  "revert-unmerged": final((name: string) => [
    `${name} is not merged, so there is nothing to revert.`,
    "Close it, if it is not wanted.",
  ]),
  "revert-unknown": final((name: string) => [
    `GitHub does not say which commits ${name} became, so they cannot be reverted.`,
    "Revert them on GitHub or by git.",
  ]),
};
