import { clip } from "../text/cut.ts";
import { withoutHidden } from "../text/hidden.ts";
import { oneLine } from "../text/lines.ts";
import { listed, someListed } from "../text/lists.ts";
import { APPROVAL_DAYS } from "./job.ts";
import { final, retried } from "./reason-table.ts";

type Step = "work" | "publish";
const WHO = { work: "The runner", publish: "Publishing" } as const;
const KEPT = "Press Retry; what it has already paid for is kept.";
const LOOK = "Ask the people who run Cody to look at the execution; then press Retry.";
const MEMORY = "Ask the people who run Cody for a higher CODY_RUNNER_MEMORY; then press Retry.";
const TELL = "Press Retry; if it happens again, tell the people who run Cody.";

/** How the task of a step ended when it did not end by itself. */
const lostTask = (step: Step) => ({
  lost: retried((how: { exitCode: number | null } | "silent") => [
    how === "silent"
      ? `${WHO[step]} ended without a result.`
      : `${WHO[step]} stopped without a result (${how.exitCode === null ? "no exit code" : `exit code ${how.exitCode}`}).`,
    KEPT,
  ]),
  timeout: retried(() => [`${WHO[step]} did not end in time and was stopped.`, KEPT]),
  memory: retried(() => [`${WHO[step]} ran out of memory.`, MEMORY]),
  interrupted: retried(() => [`${WHO[step]} was interrupted too often.`, KEPT]),
  notStarted: retried((why: string, error?: string) => [
    `${WHO[step]} could not be started${error === undefined ? "" : ` (${error})`}: ${why}`,
    LOOK,
  ]),
});
const WORK = lostTask("work");
const PUBLISH = lostTask("publish");

const MAX_CHECKS_NAMED = 3;
const names = (checks: readonly string[]) =>
  someListed(
    checks.map((name) => clip(oneLine(withoutHidden(name)), 60)),
    MAX_CHECKS_NAMED,
  );

/** What became of a run on its way: tasks, decisions, its pull request. */
export const RUN_REASONS = {
  "work-lost": WORK.lost,
  "work-timeout": WORK.timeout,
  "work-memory": WORK.memory,
  "work-interrupted": WORK.interrupted,
  "work-not-started": WORK.notStarted,
  "publish-lost": PUBLISH.lost,
  "publish-timeout": PUBLISH.timeout,
  "publish-memory": PUBLISH.memory,
  "publish-interrupted": PUBLISH.interrupted,
  "publish-not-started": PUBLISH.notStarted,
  cancelled: retried((holds: "a patch" | "nothing") => [
    "Cancelled before anything of this round was pushed.",
    holds === "a patch"
      ? "The patch is kept; a button on the card runs it again."
      : "A button on the card runs it again.",
  ]),
  rejected: final(() => ["Rejected in Slack.", "Nothing was pushed; the patch can still be downloaded."]),
  blocked: retried((missing: string) => [
    `Blocked: ${missing}`,
    "Provide what is missing and follow up in the thread, where the work goes on; or press Retry to begin again.",
  ]),
  "setup-failed": retried((command: string, how: string) => [
    `The setup command "${clip(command, 200)}" ${how}, so the check would say nothing; nothing was spent.`,
    "Cure what its output names and press Retry, or press Go on all the same.",
  ]),
  "toolchain-missing": retried((missing: readonly string[], found: readonly string[]) => [
    `Settings of this repository ask for ${listed(missing)}, and commands find ${found.length > 0 ? someListed(found, 12) : "no toolchain"}. Nothing was spent.`,
    "Install what is missing where Cody runs (CODY_TOOLCHAINS, or an image of the deployment) and press Retry; or change the settings.",
  ]),
  "image-unknown": retried((name: string, offered: readonly string[]) => [
    `Settings of this repository name the image ${name}, and this deployment has ${offered.length > 0 ? someListed(offered, 12) : "no other images"}. Nothing was spent.`,
    "Choose another image in the repository's settings, or ask an administrator to add it to CODY_IMAGES; then press Retry.",
  ]),
  partial: retried(() => [
    "It was stopped before it was done.",
    "Look at what is there, or follow up in the thread: the work goes on there.",
  ]),
  expired: retried(() => [
    `It was not approved within ${APPROVAL_DAYS} days.`,
    "Download the patch, or refine the job to run it again.",
  ]),
  "nothing-to-publish": retried(() => [
    "It was approved, but it holds no patch that may become a pull request.",
    "Press Retry to run it again.",
  ]),
  "repeats-open-pull-request": retried((repository: string, pull: { number: number; url: string }, jobId: string) => [
    `${repository} has an open pull request of Cody's for the same task: #${pull.number} (${pull.url}, job ${jobId}). Nothing was spent.`,
    "Follow up in that job's thread; or press Retry to run this one all the same.",
  ]),
  "token-refused": retried((step: Step, repository: string, round: number) => [
    `No GitHub token was given: round ${round} of ${repository} has nothing to ${step === "work" ? "work on" : "publish"}.`,
    "Try again; if it happens again, tell the people who run Cody.",
  ]),
  "tree-mismatch": retried((given: string, recorded: string) => [
    `The stored patch gives tree ${given.slice(0, 12)}, Work recorded ${recorded.slice(0, 12)}; nothing was pushed.`,
    TELL,
  ]),
  "branch-moved": retried((branch: string) => [
    `A commit that is not Cody's is on ${branch}, so Cody left it alone.`,
    "Download the patch and apply it by hand, or delete that branch and retry.",
  ]),
  "pull-request-closed": retried((number: number, state: string) => [
    `Pull request #${number} was ${state} meanwhile, so nothing was added to it.`,
    "Follow up in the thread: the next round opens a new pull request. The patch can be downloaded.",
  ]),
  "head-moved": final((number: number) => [
    `Pull request #${number} has commits that are not Cody's, so Cody left its branch alone; nothing was spent.`,
    "Go on there by hand, or start a new job.",
  ]),
  "checks-running": final((number: number, running: readonly string[]) => [
    `Checks of pull request #${number} still run (${names(running)}), so nothing was done; nothing was spent.`,
    "When they have ended and one has failed, the card offers it again.",
  ]),
  "checks-passed": final((number: number) => [
    `No check of pull request #${number} fails any more: there was nothing to fix, and nothing was spent.`,
    "Look at it on GitHub.",
  ]),
  "checks-fail-on-base": final((branch: string, failed: readonly string[]) => [
    `What fails on the pull request fails on ${clip(branch, 100)} as well (${names(failed)}), so Cody left it alone; nothing was spent.`,
    "Put it right there first; or follow up in the thread, if it belongs to this change all the same.",
  ]),
  "checks-fail-as-before": final((failed: readonly string[]) => [
    `After the last fix the same checks fail in the same way (${names(failed)}), so Cody did not try again; nothing was spent.`,
    "Read their logs on GitHub, and follow up in the thread with what you see.",
  ]),
  "nothing-to-answer": final((number: number) => [
    `No comment on pull request #${number} waits for an answer: those of bots, of people without write access and resolved ones do not count. Nothing was spent.`,
    "Look at it on GitHub.",
  ]),
  /** A round that begins by itself acts in the name of who asked for the job. */
  "requester-refused": final((how: { why: "not named" } | { why: "no rights"; login: string; repository: string }) => [
    `Failing checks were not taken up by themselves: ${
      how.why === "not named"
        ? "the person who asked for this job is not among those who may start jobs here any more"
        : `${how.login}, for whom this job runs, may not write to ${how.repository}`
    }. Nothing was spent.`,
    "A person who may decide about this job can press Fix CI.",
  ]),
  "checks-hidden": final((repository: string, said: string) => [
    `GitHub does not show Cody's token the checks of ${repository}: ${clip(said, 200)}`,
    "Give it Checks, Commit statuses and Actions (read) there; nothing was spent.",
  ]),
  /** The pull request is open, on the commit that was pinned when the job began. */
  conflicts: retried((baseBranch: string | undefined) => [
    `The pull request is open, but ${baseBranch} has changed since and does not merge with it.`,
    "Merge the base branch into it by hand, or start a new job from the newest commit.",
  ]),
};
