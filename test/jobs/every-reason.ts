import { because, type Reason, type ReasonCode } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { aPatch, aPullRequest } from "../builders.ts";

/** How a run rests whose words these are. */
type Rest = Pick<RepoRun, "state"> & Partial<RepoRun>;
const REPOSITORY = "acme/orders";
const patch = aPatch();
const pullRequest = aPullRequest(REPOSITORY, 12);

const failed: Rest = { state: "failed" };
const withPatch: Rest = { state: "failed", patch };
const kept: Rest = { state: "patch-ready", patch };
const draft: Rest = { state: "published", patch, pullRequest };
/** A round about its open pull request came to nothing. */
const looked: Rest = { ...draft, looksAfter: true };
const waits: Rest = { state: "awaiting-approval", patch };
const blocked: Rest = { state: "blocked" };
/** The Close button was pressed, and GitHub said no. */
const notClosed: Rest = { state: "unchanged", pullRequest };

const ONCE_STOPPED = [failed, kept, draft, waits];
/** What Plan, Publish and the closing of a pull request all may meet. */
const ANYWHERE = [failed, withPatch, notClosed];
const TASK = ["The image could not be pulled", "ECS.ServerException"] as const;

/** What the server says and what helps: every rule stands in test/workspace/remote-reasons.test.ts. */
const asTheServerSays = (code: Parameters<typeof because>[0]) =>
  [
    [failed],
    because(code as "push-denied", "GitHub refused the token.", "Check the GitHub token, then retry."),
  ] as const;

/** Every code: where a run rests with it, and its words, each way that they can be said. */
export const EVERY_REASON: Record<ReasonCode, readonly [readonly Rest[], ...Reason[]]> = {
  budget: [ONCE_STOPPED, because("budget")],
  turns: [ONCE_STOPPED, because("turns")],
  time: [ONCE_STOPPED, because("time")],
  context: [ONCE_STOPPED, because("context")],
  stuck: [ONCE_STOPPED, because("stuck")],
  "rate-limited": [ONCE_STOPPED, because("rate-limited")],
  partial: [ONCE_STOPPED, because("partial")],
  refused: [[failed], because("refused", null, null), because("refused", "cyber", "it could do harm")],
  "no-verdict": [[failed], because("no-verdict")],
  "cut-off": [[failed], because("cut-off")],
  paused: [[failed], because("paused")],
  "spend-limit": [
    [failed],
    because("spend-limit", undefined),
    because("spend-limit", "Your credit balance is too low"),
  ],
  "model-key": [[failed], because("model-key", undefined), because("model-key", "invalid x-api-key")],
  "model-unknown": [[failed], because("model-unknown", "model: claude-x")],
  "model-request": [
    [failed],
    because("model-request", "too large"),
    because("model-request", { said: undefined }),
    because("model-request", { said: "tools.0: bad" }),
  ],
  "model-blocked": [[failed], because("model-blocked", 403)],
  "model-address": [[failed], because("model-address", "it knows no such path")],
  "model-unreachable": [
    [failed],
    because("model-unreachable", "the connection was cut", "connection"),
    because("model-unreachable", "its certificate is not trusted here", "certificate"),
  ],

  "invalid-name": [[failed], because("invalid-name", "acme")],
  "not-allowed": [[failed], because("not-allowed", REPOSITORY)],
  "not-found": [[failed, notClosed], because("not-found", REPOSITORY)],
  renamed: [[failed], because("renamed", REPOSITORY, "acme/shop")],
  archived: [ANYWHERE, because("archived", REPOSITORY)],
  disabled: [ANYWHERE, because("disabled", REPOSITORY)],
  empty: [[failed], because("empty", REPOSITORY)],
  "too-large": [[failed], because("too-large", REPOSITORY, 9e6, 2e6)],
  "base-branch-missing": [[failed], because("base-branch-missing", REPOSITORY, "main")],
  "github-token": [ANYWHERE, because("github-token")],
  "single-sign-on": [ANYWHERE, because("single-sign-on", REPOSITORY)],
  "oauth-restricted": [ANYWHERE, because("oauth-restricted", REPOSITORY)],
  "ip-allow-list": [ANYWHERE, because("ip-allow-list", REPOSITORY)],
  "token-policy": [ANYWHERE, because("token-policy", REPOSITORY, "it forbids access via a classic token")],
  "account-suspended": [ANYWHERE, because("account-suspended", "Sorry. Your account was suspended")],
  "no-permission": [ANYWHERE, because("no-permission", REPOSITORY, "Resource not accessible by integration")],
  "workflow-permission": [[failed], because("workflow-permission", REPOSITORY)],
  unavailable: [ANYWHERE, because("unavailable", REPOSITORY)],
  github: [[failed], because("github", REPOSITORY, new Error("socket hang up"))],
  "github-rate-limit": [
    ANYWHERE,
    because("github-rate-limit", { forMs: 180_000 }),
    because("github-rate-limit", { said: "You have exceeded a secondary rate limit" }),
  ],
  "github-unavailable": [ANYWHERE, because("github-unavailable", "Publishing", 120_000, "503")],
  "github-app": [ANYWHERE, because("github-app")],
  "app-suspended": [ANYWHERE, because("app-suspended", REPOSITORY, "This installation has been suspended")],
  "app-not-installed": [ANYWHERE, because("app-not-installed", REPOSITORY)],
  "app-permissions": [ANYWHERE, because("app-permissions", REPOSITORY, "The permissions are not granted")],
  "pull-request-refused": [
    [withPatch],
    because("pull-request-refused", REPOSITORY, { why: "no base", base: "main" }),
    because("pull-request-refused", REPOSITORY, { why: "forbidden", said: "Resource not accessible" }),
    because("pull-request-refused", REPOSITORY, { why: "not found" }),
    because("pull-request-refused", REPOSITORY, { why: "switched off", said: "Gone" }),
    because("pull-request-refused", REPOSITORY, { why: "other", status: 422, said: "Validation Failed" }),
  ],
  "branch-gone": [[withPatch], because("branch-gone", REPOSITORY, "cody/raise")],
  "nothing-new": [[withPatch], because("nothing-new", REPOSITORY, "main")],
  "other-history": [[withPatch], because("other-history", REPOSITORY, "main")],
  "foreign-pull-request": [
    [withPatch],
    because("foreign-pull-request", REPOSITORY, "cody/raise", { number: 3, by: "octocat" }),
  ],

  "change-too-large": [[failed, kept], because("change-too-large", "10,050 files changed; at most 10,000 can.")],
  "submodule-changed": [[failed, kept], because("submodule-changed", "The change touches the submodule lib.")],
  "nested-repository": [[kept], because("nested-repository", "tools/x")],
  "tree-unreadable": [
    [failed, kept],
    because("tree-unreadable", "a.txt is not in the change: it is a socket now.", "a file"),
    because("tree-unreadable", "git could not record the changed files: fatal: a.txt", "git's words"),
  ],
  "encoding-mismatch": [[kept], because("encoding-mismatch", "a.txt")],
  "lfs-content": [[kept], because("lfs-content", "big.bin")],
  "filtered-content": [[kept], because("filtered-content", "keys/a", "git-crypt")],
  "protected-path": [[kept], because("protected-path", ".github/ci.yml", "a workflow", "May change CI")],
  "own-secret": [[failed], because("own-secret")],
  secret: [[kept], because("secret", "an AWS key in a.env, line 3")],
  placeholder: [[kept], because("placeholder", "[redacted]", "a.env, line 3")],
  "disk-full": [[failed], because("disk-full")],
  "path-too-long": [[failed], because("path-too-long", "a/b/c")],
  "checkout-failed": [[failed], because("checkout-failed", "fatal: unable to write")],
  "push-denied": asTheServerSays("push-denied"),
  "push-too-large": asTheServerSays("push-too-large"),
  "branch-in-the-way": asTheServerSays("branch-in-the-way"),
  "github-token-refused": asTheServerSays("github-token-refused"),
  "base-commit-gone": asTheServerSays("base-commit-gone"),
  "repository-missing": asTheServerSays("repository-missing"),
  "repository-renamed": asTheServerSays("repository-renamed"),

  "merge-moved": [[draft], because("merge-moved", "acme/orders#12")],
  "merge-other-base": [[draft], because("merge-other-base", "acme/orders#12", "release", "main")],
  "merge-base-gone": [[draft], because("merge-base-gone", "acme/orders#12", "release", "main")],
  "merge-closed-base": [[draft], because("merge-closed-base", "acme/orders#12", "release")],
  "merge-closed": [[draft], because("merge-closed", "acme/orders#12")],
  "merge-gone": [[draft], because("merge-gone", "acme/orders#12")],
  "merge-conflicts": [[draft], because("merge-conflicts", "acme/orders#12")],
  "merge-another": [[draft], because("merge-another", "acme/orders#12")],
  "merge-order": [[draft], because("merge-order", "acme/orders#12", "acme/ledger#3")],
  "merge-stopped": [[draft], because("merge-stopped", "acme/orders#12")],
  "merge-let-go": [[draft], because("merge-let-go", "acme/orders#12")],
  "merge-expired": [[draft], because("merge-expired", "acme/orders#12")],
  "merge-rights": [[draft], because("merge-rights", "acme/orders#12", "octocat")],
  "ask-another": [[draft], because("ask-another", "acme/orders#12")],
  "ask-rights": [[draft], because("ask-rights", "acme/orders#12", "octocat")],
  "merge-refused": [[draft], because("merge-refused", "acme/orders#12", "Resource not accessible by integration")],
  "close-refused": [[draft], because("close-refused", "acme/orders#12", "Resource not accessible by integration")],
  "close-merged": [[draft], because("close-merged", "acme/orders#12")],
  "revert-refused": [[draft], because("revert-refused", "acme/orders#12", "Validation Failed")],
  "revert-unmerged": [[draft], because("revert-unmerged", "acme/orders#12")],
  "revert-unknown": [[draft], because("revert-unknown", "acme/orders#12")],

  "work-lost": [[failed], because("work-lost", "silent"), because("work-lost", { exitCode: 1 })],
  "work-timeout": [[failed], because("work-timeout")],
  "work-memory": [[failed], because("work-memory")],
  "work-interrupted": [[failed], because("work-interrupted")],
  "work-not-started": [[failed], because("work-not-started", ...TASK), because("work-not-started", TASK[0])],
  "publish-lost": [[withPatch], because("publish-lost", "silent"), because("publish-lost", { exitCode: null })],
  "publish-timeout": [[withPatch], because("publish-timeout")],
  "publish-memory": [[withPatch], because("publish-memory")],
  "publish-interrupted": [[withPatch], because("publish-interrupted")],
  "publish-not-started": [[withPatch], because("publish-not-started", ...TASK)],
  cancelled: [[{ state: "cancelled", patch }], because("cancelled", "a patch"), because("cancelled", "nothing")],
  rejected: [[{ state: "cancelled", patch }], because("rejected")],
  blocked: [[blocked], because("blocked", "a licence key")],
  "setup-failed": [[blocked], because("setup-failed", "npm ci", "failed with exit code 1")],
  "toolchain-missing": [
    [blocked],
    because("toolchain-missing", ["java 21"], ["node 24.1", "python 3.12"]),
    because("toolchain-missing", ["java 21"], []),
  ],
  "image-unknown": [[failed], because("image-unknown", "gpu", ["java", "go"]), because("image-unknown", "gpu", [])],
  expired: [[kept], because("expired")],
  "nothing-to-publish": [[failed], because("nothing-to-publish")],
  "repeats-open-pull-request": [
    [failed],
    because("repeats-open-pull-request", REPOSITORY, { number: 3, url: "https://github.com/a/b/pull/3" }, "j1"),
  ],
  "token-refused": [
    ANYWHERE,
    because("token-refused", "work", REPOSITORY, 1),
    because("token-refused", "publish", REPOSITORY, 2),
  ],
  "tree-mismatch": [[withPatch], because("tree-mismatch", "1".repeat(40), "2".repeat(40))],
  "branch-moved": [[withPatch], because("branch-moved", "cody/raise")],
  "pull-request-closed": [[kept], because("pull-request-closed", 12, "merged")],
  "head-moved": [[looked], because("head-moved", 12)],
  "checks-running": [[looked], because("checks-running", 12, ["build"])],
  "checks-passed": [[looked], because("checks-passed", 12)],
  "checks-fail-on-base": [[looked], because("checks-fail-on-base", "main", ["build", "lint", "types", "e2e"])],
  "checks-fail-as-before": [[looked], because("checks-fail-as-before", ["build"])],
  "nothing-to-answer": [[looked], because("nothing-to-answer", 12)],
  "requester-refused": [
    [looked],
    because("requester-refused", { why: "not named" }),
    because("requester-refused", { why: "no rights", login: "octocat", repository: REPOSITORY }),
  ],
  "checks-hidden": [[looked], because("checks-hidden", REPOSITORY, "Resource not accessible by integration")],
  conflicts: [[draft], because("conflicts", "main")],
  // No run rests with these: they are said of a schedule.
  "schedule-pull-request-unknown": [
    [],
    because("schedule-pull-request-unknown", "acme/orders", {
      number: 12,
      url: "https://github.com/acme/orders/pull/12",
    }),
  ],
  "schedule-pull-request-open": [[], because("schedule-pull-request-open", REPOSITORY, pullRequest)],
  "schedule-unfinished": [[], because("schedule-unfinished", REPOSITORY, "j0123456789abcdef")],
  "schedule-nothing-left": [
    [],
    ...[1, 2].map((count) =>
      because("schedule-nothing-left", count, because("schedule-pull-request-open", REPOSITORY, pullRequest).message),
    ),
  ],
  "schedule-month-spent": [[], because("schedule-month-spent", 17.2, 20, 5)],
  "schedule-missed": [[], because("schedule-missed", "2026-11-30T05:00:00.000Z")],
  "schedule-failures": [[], because("schedule-failures")],
  "schedule-owner-gone": [[], because("schedule-owner-gone")],
  "schedule-owner-refused": [[], because("schedule-owner-refused", "Jobs are started in <#C1> only.")],
  "schedule-no-rights": [[], because("schedule-no-rights", "ada", REPOSITORY)],
  "schedule-repository-refused": [[], because("schedule-repository-refused", `${REPOSITORY} is archived.`)],
  "schedule-model-gone": [[], because("schedule-model-gone", "claude-sonnet-4-5")],
  // Nor with these: they are said of a campaign.
  "campaign-failures": [[], ...[1, 3].map((count) => because("campaign-failures", count))],
  "campaign-cost-limit": [[], because("campaign-cost-limit", 17.2, 20, 5)],
  "campaign-owner-gone": [[], because("campaign-owner-gone")],
  "campaign-model-gone": [[], because("campaign-model-gone", "claude-opus-4-5")],
  "campaign-repository-refused": [[], because("campaign-repository-refused", "acme/orders is not there any more.")],
  "campaign-refused": [[], because("campaign-refused", "ada may not write to acme/orders, and it runs for ada.")],
};

/** The one that stands beside the Close button alone. */
export const NOT_CLOSED: readonly [readonly Rest[], ...Reason[]] = [
  [notClosed],
  because("pull-request-refused", REPOSITORY, { why: "not closed", said: "Must have admin rights" }),
];
