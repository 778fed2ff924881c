import { describe, expect, it } from "vitest";
import { RemoteFailed, remoteFailure } from "../../packages/workspace/remote-failed.ts";
import type { RemoteDeed } from "../../packages/workspace/remote-rules.ts";

/** As git prints it: GitHub's words behind `remote:`, padded and with frames around them. */
const remote = (...lines: string[]) => lines.map((line) => `remote: ${line}        `).join("\n");
const rejected = (why: string) =>
  `!\tabc:refs/heads/cody/j-x\t[remote rejected] (${why})\nDone\nerror: failed to push some refs`;
const status = (code: number) =>
  `fatal: unable to access 'https://github.com/acme/archived.git/': The requested URL returned error: ${code}`;
const ruleset = (...rules: string[]) =>
  `Enumerating objects: 5, done.\rCounting objects: 100% (5/5), done.\n${remote(
    "error: GH013: Repository rule violations found for refs/heads/cody/j-archived-workflow.",
    "Review all repository rules at https://github.com/acme/app/rules?ref=refs%2Fheads%2Fx",
    "",
    ...rules,
    "",
  )}\n${rejected("push declined due to repository rule violations")}`;
const PROTECTION = [
  "- GITHUB PUSH PROTECTION",
  "  —————————————————————————————————————————",
  "    Resolve the following violations before pushing again",
  "",
  "    - Push cannot contain secrets",
  "",
  "    ",
  "     (?) Learn how to resolve a blocked push",
  "     https://docs.github.com/code-security/secret-scanning/pushing-a-branch-blocked-by-push-protection",
  "    ",
  "    ",
  "      —— Amazon AWS Access Key ID ——————————————————————————",
  "       locations:",
  "         - commit: 8728dbe67c39c2fa5e4a3f0a2b6f1d3c4e5f6a7b",
  "           path: config.env:1",
  "    ",
  "       (?) To push, remove secret from commit(s) or follow this URL to allow the secret.",
  "       https://github.com/acme/app/security/secret-scanning/unblock-secret/2abc",
  "    ",
];
const github = (code: string, ...lines: string[]) =>
  `${remote(`error: ${code}`, ...lines.map((line) => `error: ${line}`))}\n${rejected("pre-receive hook declined")}`;

const reasonOf = (deed: RemoteDeed, said: string) => remoteFailure(deed, new Error(said)).reason;

describe("what GitHub says to a push becomes its true sentence and remedy", () => {
  it.each<[string, string, string, RegExp, RegExp]>([
    [
      "push protection",
      ruleset(...PROTECTION),
      "push-denied",
      /GITHUB PUSH PROTECTION; Push cannot contain secrets; Amazon AWS Access Key ID; path: config\.env:1\.$/,
      /take the secret out/,
    ],
    [
      "a required pull request",
      ruleset("- Changes must be made through a pull request."),
      "push-denied",
      /: Changes must be made through a pull request\.$/,
      /allow cody\/\* branches/,
    ],
    [
      "a required signature",
      ruleset("- Commits must have verified signatures.", "  Found 1 violation:", "", `  ${"a".repeat(40)}`),
      "push-denied",
      /: Commits must have verified signatures\.$/,
      /CODY_SIGNING_KEY/,
    ],
    [
      "an e-mail rule",
      ruleset("- Committer email must match: @acme\\.example$"),
      "push-denied",
      /Committer email must match: @acme/,
      /cody-batch@users\.noreply/,
    ],
    [
      "a commit message rule",
      ruleset("- Commit message must match the pattern: ^[A-Z]+-[0-9]+"),
      "push-denied",
      /Commit message must match/,
      /commit messages/,
    ],
    [
      "a file path rule",
      ruleset("- File path is restricted: infra/**"),
      "push-denied",
      /infra/,
      /leave those files alone/,
    ],
    [
      "a rule about new branches",
      ruleset("- Cannot create ref due to creations being restricted."),
      "push-denied",
      /creations being restricted/,
      /allow cody/,
    ],
    [
      "a rule that no table knows",
      ruleset("- Moon must be full."),
      "push-denied",
      /: Moon must be full\.$/,
      /what the message names is settled/,
    ],
    [
      "a quota",
      `${remote("error: Repository is over its size quota.")}\n${status(403)}`,
      "push-denied",
      /: Repository is over its size quota\.$/,
      /settle what GitHub names/,
    ],
    [
      "two rules at once",
      ruleset("- Commits must have verified signatures.", "- Changes must be made through a pull request."),
      "push-denied",
      /signatures; Changes/,
      /what the message names is settled/,
    ],
    [
      "GH006 without a rule",
      github("GH006: Protected branch update failed for refs/heads/x."),
      "push-denied",
      /Protected branch update failed/,
      /allow cody/,
    ],
    [
      "GH006",
      github("GH006: Protected branch update failed for refs/heads/x.", 'Required status check "ci" is expected.'),
      "push-denied",
      /Protected branch update failed for refs\/heads\/x; Required status check/,
      /allow cody/,
    ],
    [
      "GH006 for a signature",
      github("GH006: Protected branch update failed for refs/heads/x.", "Commits must have verified signatures."),
      "push-denied",
      /verified signatures/,
      /CODY_SIGNING_KEY/,
    ],
    [
      "GH001",
      github(
        "GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.",
        "Trace: 0123",
        "See https://gh.io/lfs for more information.",
        "File big.bin is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB",
      ),
      "push-denied",
      /File big\.bin is 120\.00 MB/,
      /leave that file out/,
    ],
    [
      "GH007",
      github(
        "GH007: Your push would publish a private email address.",
        "You can make your email public or disable this protection by visiting:",
        "http://github.com/settings/emails",
      ),
      "push-denied",
      /private email address/,
      /owner of Cody's GitHub account/,
    ],
    [
      "GH008",
      github(
        "GH008: Your push referenced at least 1 unknown Git LFS object:",
        `    ${"b".repeat(64)}`,
        "Try to push them with 'git lfs push --all'.",
      ),
      "push-denied",
      /unknown Git LFS object/,
      /LFS pointers/,
    ],
    [
      "GH009",
      github("GH009: Secrets detected! This push failed."),
      "push-denied",
      /Secrets detected/,
      /take the secret out/,
    ],
    [
      "a hook of GitHub Enterprise",
      `${remote("policy.sh: failed with exit status 1", "Ticket number is missing")}\n${rejected("pre-receive hook declined")}`,
      "push-denied",
      /Ticket number is missing/,
      /what the message names is settled/,
    ],
    [
      "no workflow scope",
      rejected(
        "refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope",
      ),
      "workflow-permission",
      /without `workflow` scope/,
      /workflow permission/,
    ],
    [
      "no workflow permission",
      rejected(
        "refusing to allow a GitHub App to create or update workflow `.github/workflows/a.yml` without `workflows` permission",
      ),
      "workflow-permission",
      /GitHub App/,
      /workflow permission/,
    ],
    [
      "a branch in the way",
      `${remote("error: cannot lock ref 'refs/heads/cody/x': 'refs/heads/cody' exists; cannot create 'refs/heads/cody/x'")}\n${rejected("failed to update ref")}`,
      "branch-in-the-way",
      /'refs\/heads\/cody' exists/,
      /rename or delete/,
    ],
    ["a shallow push", rejected("shallow update not allowed"), "push-denied", /without history/, /full clone/],
    [
      "a pack that is too large",
      `${remote("fatal: pack exceeds maximum allowed size (2.00 GiB)")}\nerror: remote unpack failed`,
      "push-too-large",
      /2\.00 GiB/,
      /fewer or smaller/,
    ],
    [
      "413 of a proxy",
      "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: the remote end hung up unexpectedly",
      "push-too-large",
      /larger/,
      /fewer/,
    ],
    [
      "an archived repository",
      `${remote("This repository was archived so it is read-only.")}\n${status(403)}`,
      "archived",
      /archived/,
      /unarchive/,
    ],
    [
      "single sign-on",
      `${remote("The 'acme' organization has enabled or enforced SAML SSO. To access", "this repository, you must use the HTTPS remote with a personal access token")}\n${status(403)}`,
      "single-sign-on",
      /single sign-on/,
      /authorise the token/,
    ],
    [
      "an IP allow list",
      `${remote("Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.")}\n${status(403)}`,
      "ip-allow-list",
      /IP addresses/,
      /allow list/,
    ],
    [
      "OAuth restrictions",
      `${remote("Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.")}\n${status(403)}`,
      "oauth-restricted",
      /OAuth app/,
      /approve the app/,
    ],
    [
      "a policy against classic tokens",
      `${remote("The `acme` organization forbids access via a personal access token (classic).")}\n${status(403)}`,
      "token-policy",
      /forbids access/,
      /policy allows/,
    ],
    [
      "a suspended account",
      `${remote("Your account is suspended. Please visit https://support.github.com for more information.")}\n${status(403)}`,
      "account-suspended",
      /suspended/,
      /settle it/,
    ],
    [
      "a disabled repository",
      `${remote("Access to this repository has been disabled by GitHub staff.")}\n${status(403)}`,
      "disabled",
      /disabled/,
      /owner/,
    ],
    [
      "a token that may not write",
      `${remote("Permission to acme/restricted.git denied to cody.")}\n${status(403)}`,
      "push-denied",
      /may not write/,
      /^Download the patch, or give the token write access and retry\.$/,
    ],
    [
      "a token without write access",
      `${remote("Write access to repository not granted.")}\n${status(403)}`,
      "push-denied",
      /may not write/,
      /write access/,
    ],
    ["403 without a word", status(403), "push-denied", /does not let/, /write access/],
    [
      "a wrong token",
      `${remote("Invalid username or token. Password authentication is not supported for Git operations.")}\nfatal: Authentication failed for 'https://github.com/acme/app.git/'`,
      "github-token-refused",
      /refused the token/,
      /Check the GitHub token/,
    ],
    [
      "a repository that is gone",
      `${remote("Repository not found.")}\nfatal: repository 'https://github.com/acme/app.git/' not found`,
      "repository-missing",
      /cannot be reached/,
      /access/,
    ],
    [
      "words that no table knows",
      `${remote("error: the moon is not full")}\n${rejected("not today")}`,
      "push-denied",
      /the moon is not full/,
      /settled/,
    ],
  ])("%s", (_, said, code, message, nextStep) => {
    const reason = reasonOf("push", said);
    expect(reason).toMatchObject({
      code,
      message: expect.stringMatching(message),
      nextStep: expect.stringMatching(nextStep),
    });
    expect(reason!.message.length).toBeLessThanOrEqual(500);
  });

  it.each([
    ["an internal server error", `${remote("Internal Server Error")}\n${rejected("Internal Server Error")}`],
    ["GitHub's own trouble", rejected("fatal error in commit_refs")],
    [
      "two who lock the same ref",
      `${remote("error: cannot lock ref 'refs/heads/x': Unable to create '/data/x.lock': File exists.")}\n${rejected("failed to update ref")}`,
    ],
    [
      "502",
      `error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly`,
    ],
    ["503 at the beginning", status(503)],
    ["429", status(429)],
    ["a secondary rate limit", `${remote("You have exceeded a secondary rate limit.")}\n${status(403)}`],
    [
      "early EOF",
      "fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output",
    ],
    [
      "a cut behind rules that do not hold for this token",
      `${remote("Bypassed rule violations for refs/heads/cody/x:", "", "- Changes must be made through a pull request.")}\nfatal: the remote end hung up unexpectedly`,
    ],
    ["no name", "fatal: unable to access 'https://github.com/acme/archived/': Could not resolve host: github.com"],
    [
      "a stalled transfer",
      "error: RPC failed; curl 28 Operation too slow. Less than 1 bytes/sec transferred the last 60 seconds\nfatal: early EOF",
    ],
  ])("tried again: %s", (_, said) => {
    expect(reasonOf("push", said)).toBeUndefined();
    expect(reasonOf("fetch", said)).toBeUndefined();
  });

  it("a fetch has no patch to offer, and a commit that is gone is named", () => {
    const denied = `${remote("Write access to repository not granted.")}\n${status(403)}`;
    expect(reasonOf("fetch", denied)?.nextStep).toBe("Give the token write access and retry.");
    expect(reasonOf("fetch", "fatal: remote error: upload-pack: not our ref 1111")?.code).toBe("base-commit-gone");
  });

  it("no colour, no hidden character, no credential and no half character leaves", () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    const said = ruleset(
      `- \u001b[31mMoon\u001b[0m\u202e is red ${token} https://me:${token}@x.invalid/ ${"🙂".repeat(400)}`,
    );
    const failed = remoteFailure("push", new Error(said));
    const words = `${failed.message} ${failed.words} ${JSON.stringify(failed.reason)}`;
    expect(words).not.toMatch(/\p{Cc}\[|\u202e|ghp_|\bme:/u);
    expect(words.isWellFormed()).toBe(true);
    expect(failed.reason?.message).toMatch(/^GitHub declined the push: Moon is red \[removed\] /);
    expect(failed).toBeInstanceOf(RemoteFailed);
  });
});
