import { clip } from "../text/cut.ts";
import { retried } from "./reason-table.ts";

/** The sentence is made where the change is looked at, and the remedy stands here: `what` names the files. */
const change = (nextStep: string) => retried((what: string) => [what, nextStep]);
/** git and the server say what is wrong: workspace/remote-rules.ts reads their words and knows what helps. */
const asTheServerSays = retried((message: string, nextStep: string) => [message, nextStep]);

/** Why a change may not be published as it is, or cannot be taken or pushed. */
export const CHANGE_REASONS = {
  "change-too-large": change("Ask for a smaller change, or add generated files to .gitignore."),
  "submodule-changed": change("Run the task in the submodule's own repository."),
  "nested-repository": retried((folder: string) => [
    `A command made a git repository inside this one, in ${folder}; its .git was removed.`,
    "If these files belong here, refine the job and ask for them as plain files.",
  ]),
  "tree-unreadable": retried((what: string, whose: "a file" | "git's words") => [
    what,
    whose === "a file"
      ? "Ask for the change again without that file."
      : "Ask for the change again, without the file that git names.",
  ]),
  "encoding-mismatch": retried((path: string) => [
    `${path} is not in the encoding that .gitattributes names for it; its bytes are kept as they are.`,
    "Download the patch, or ask for that file in the encoding of its neighbours.",
  ]),
  "lfs-content": retried((path: string) => rawContent(path, "lfs", "Git LFS")),
  "filtered-content": retried((path: string, filter: string) => rawContent(path, filter, "that filter")),
  "protected-path": retried((paths: string, what: string, consent: string) => [
    `The change touches ${paths}: ${what}. This job may not publish that.`,
    `Download the patch, look at it, and apply it yourself if it is right; or start the job again with "${consent}".`,
  ]),
  "own-secret": retried(() => [
    "The patch holds a secret of this deployment of Cody, so it was thrown away.",
    "Ask an administrator to rotate Cody's tokens and to read this job's conversation.",
  ]),
  secret: retried((places: string) => [
    `The patch adds what looks like a secret: ${places}.`,
    "Take it out and refine, or download the patch and check it; a real secret should be rotated.",
  ]),
  placeholder: retried((words: string, place: string) => [
    `The patch writes ${words} in ${place}: words that Cody shows in place of a secret, not the secret.`,
    "Refine: ask to leave that line as it was. Or download the patch and put it right by hand.",
  ]),
  "disk-full": retried(() => [
    "The runner's disk is too full for the files of this repository.",
    "Ask an administrator to make room, then press Retry.",
  ]),
  "path-too-long": retried((path: string) => [
    `The path ${clip(path, 200)} of this repository is too long for the runner's system.`,
    "Leave the repository out, or shorten that path in it.",
  ]),
  "checkout-failed": retried((said: string) => [
    clip(`git cannot write the files of this repository on the runner: ${said}`, 450),
    "Leave the repository out, or change in it what git names.",
  ]),
  "push-denied": asTheServerSays,
  "push-too-large": asTheServerSays,
  "branch-in-the-way": asTheServerSays,
  "github-token-refused": asTheServerSays,
  "base-commit-gone": asTheServerSays,
  "repository-missing": asTheServerSays,
  "repository-renamed": asTheServerSays,
};

const rawContent = (path: string, filter: string, keeper: string) =>
  [
    `${path} belongs to the filter ${filter} (.gitattributes); the change holds its raw content.`,
    `Apply the patch in a clone that has ${keeper}, and commit there.`,
  ] as const;
