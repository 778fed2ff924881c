import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeBlock, codeSpan, inertLine, inertMarkdown } from "../../packages/github/inert-markdown.ts";
import { isUnedited, markerOf } from "../../packages/github/marker.ts";
import { protectedPathReason } from "../../packages/github/protected-paths.ts";
import {
  commitMessage,
  MAX_BODY_CHARS,
  MAX_TITLE_CHARS,
  type PullRequestFacts,
  pullRequestText,
} from "../../packages/github/pull-request-text.ts";

const JOB = "j0123456789abcdef";
const FACTS: PullRequestFacts = {
  jobId: JOB,
  asked: ["Raise log4j-core to at least 2.17.1.\nTell @acme/security, fixes #7."],
  verdict: {
    summary: "log4j-core was 2.14.1; it is 2.17.1 now.",
    evidence: [{ path: "pom.xml", note: "the property `log4j2.version` feeds log4j-api and log4j-core" }],
    pullRequestTitle: "Raise log4j-core to 2.17.1",
    pullRequestBody:
      "Raises `log4j2.version`.\n\n```xml\n<log4j2.version>2.17.1</log4j2.version>\n```\n\nCloses #12, cc @octocat.",
  },
  baseCommit: "0f1657838871f3c5e96b3d240b9434c27ab05b0c",
  verification: { command: "mvn -q verify", exitCode: 0, timedOut: false, durationMs: 41_200, tail: "" },
  model: "claude-sonnet-5-5",
};
/** The invisible break made visible. */
const shown = (text: string) => text.replaceAll("\u200b", "·");

describe("the text of a pull request", () => {
  it("says what was done, what was looked at, whether it was verified, who asked for what", () => {
    const { title, body } = pullRequestText(FACTS);
    expect(title).toBe("Raise log4j-core to 2.17.1");
    expect(shown(body)).toMatchInlineSnapshot(`
      "Raises \`log4j2.version\`.

      \`\`\`xml
      <log4j2.version>2.17.1</log4j2.version>
      \`\`\`

      Closes #·12, cc @·octocat.

      **Looked at**

      - \`pom.xml\`: the property 'log4j2.version' feeds log4j-api and log4j-core

      **Check**: \`mvn -q verify\` passed in 41 s.

      ---
      Asked for:

      > Raise log4j-core to at least 2.17.1. Tell @·acme/security, fixes #·7.

      Written by \`claude-sonnet-5-5\`: review it like any other change. Job \`j0123456789abcdef\`, made from \`0f1657838871\`.

      <!-- cody-batch job:j0123456789abcdef text:f6f0ccb3adccfc1d -->"
    `);
    expect(markerOf(body)).toEqual({ jobId: JOB });
    const thread = "https://acme.slack.com/archives/C1/p1";
    const said = (askedBy: PullRequestFacts["askedBy"]) => pullRequestText({ ...FACTS, askedBy }).body;
    expect(said({ login: "octocat", name: "Octo", thread })).toContain(
      `Asked for by \`octocat\` in [a Slack thread](<${thread}>):`,
    );
    expect(shown(said({ name: "Cat @acme" }))).toContain("Asked for by Cat @·acme:");
    expect(isUnedited(title, body)).toBe(true);
    expect(isUnedited(title, body.replaceAll("\n", "\r\n"))).toBe(true);
    expect(isUnedited(title, `Mine.\n${body}`)).toBe(false);
  });

  it.each([
    [
      { exitCode: 1, timedOut: false, tail: "AssertionError: 1 != 2\n" },
      /\*\*Check\*\*: `mvn -q verify` failed with exit code 1 after 41 s\.\n\n```text\nAssertionError: 1 != 2\n```/,
    ],
    [{ exitCode: null, timedOut: true, tail: "" }, /timed out after 41 s/],
    [{ exitCode: null, timedOut: false, tail: "" }, /was ended by a signal after/],
  ])("shows how the check ended: %o", (ending, says) => {
    expect(pullRequestText({ ...FACTS, verification: { ...FACTS.verification!, ...ending } }).body).toMatch(says);
  });

  it("says when nothing was verified, and when no real model wrote it", () => {
    const { verification: _, ...rest } = FACTS;
    const { body } = pullRequestText({ ...rest, scripted: true });
    expect(body).toMatch(/^> \[!WARNING\]\n> \*\*Draft: not verified, no check was given\.\*\* Give one when/);
    expect(body).toContain("come from the scripted stand-in model, not from Claude");
  });

  it("has a title from the prompt when the model gave none, and a body from its summary", () => {
    const { title, body } = pullRequestText({
      ...FACTS,
      verdict: { ...FACTS.verdict, pullRequestTitle: " \n", pullRequestBody: "" },
    });
    expect(shown(title)).toBe("Raise log4j-core to at least 2.17.1. Tell @·acme/security, fixes #·7.");
    expect(body).toMatch(/^log4j-core was 2\.14\.1; it is 2\.17\.1 now\./);
  });

  it("stays within its limits whatever the model says", () => {
    const long = "é😀 `x` ".repeat(8_000);
    const { title, body } = pullRequestText({
      ...FACTS,
      asked: [long],
      verdict: {
        summary: long,
        evidence: Array(20).fill({ path: long, note: long }),
        pullRequestTitle: long,
        pullRequestBody: long,
      },
      verification: { ...FACTS.verification!, exitCode: 1, tail: long },
    });
    expect(title.length).toBeLessThanOrEqual(MAX_TITLE_CHARS);
    expect(body.length).toBeLessThanOrEqual(MAX_BODY_CHARS);
    expect(body.isWellFormed()).toBe(true);
    expect(markerOf(body)).toEqual({ jobId: JOB });
  });

  it("gives one commit message for one job, with the job's id as a trailer", () => {
    expect(
      commitMessage({
        ...FACTS,
        isFollowUp: false,
        verdict: { ...FACTS.verdict, pullRequestTitle: "Raise it [skip ci], fixes #1" },
      }),
    ).toBe(`Raise it (skip ci), fixes #\u200b1\n\nlog4j-core was 2.14.1; it is 2.17.1 now.\n\nCody-Job: ${JOB}\n`);
  });

  it("names a later commit after its follow-up, and shows all that was asked for", () => {
    const asked = ["Raise it.", "Also say so in the changelog, @acme."] as const;
    expect(commitMessage({ ...FACTS, asked, isFollowUp: true })).toMatch(
      /^Also say so in the changelog, @\u200bacme\.\n\n/,
    );
    expect(pullRequestText({ ...FACTS, asked }).body).toContain(
      "Asked for:\n\n> Raise it.\n\nThen:\n\n> Also say so in the changelog, @\u200bacme.",
    );
  });

  it("says of what a limit stopped that it is not done, and why", () => {
    const stopped = { code: "budget", message: "The job's cost limit is used up.", nextStep: "Raise it." };
    const passed = { command: "npm test", exitCode: 0, timedOut: false, durationMs: 1_000, tail: "" };
    const { body, bodyWithoutDraft } = pullRequestText({
      ...FACTS,
      stopped,
      verifyCommand: "npm test",
      verification: passed,
    });
    expect(body).toContain("**Draft: stopped before it was done (The job's cost limit is used up).** Raise it.");
    expect(bodyWithoutDraft).toContain("**NOT FINISHED.** This would be a draft");
  });
});

describe("untrusted Markdown is made inert", () => {
  it.each([
    ["a mention", "cc @octocat and @acme/team", "cc @·octocat and @·acme/team"],
    ["a mention as an entity", "cc &#64;octocat &commat;x", "cc &amp;#·64;octocat &amp;commat;x"],
    ["a closing word", "fixes #1, Closes acme/app#2, GH-3", "fixes #·1, Closes acme/app#·2, GH-·3"],
    ["an issue's address", "fixes https://github.com/a/b/issues/1", "fixes https://github.com/a/b/issues/·1"],
    ["an image beacon", "![x](https://evil.example/p.png)", "!·[x](https://evil.example/p.png)"],
    ["an image behind a backslash", "\\![x](y)", "\\!·[x](y)"],
    ["an image in HTML", '<img src="https://evil.example/p">', '&lt;img src="https://evil.example/p">'],
    ["a hidden comment", "a <!-- cody-batch job:j --> b", "a &lt;!-- cody-batch job:j --> b"],
    ["an order to a bot", "/approve\n  /lgtm", "·/approve\n  ·/lgtm"],
    ["bidirectional, zero-width and tag characters", "a\u202eb\u200bc\u{e0041}d\u2066e\ufeff", "abcde"],
    ["terminal escapes", "\u001b]8;;https://evil\u0007x\u001b[31m", "]8;;https://evilx[31m"],
    ["less-than in prose", "a < b and x<3", "a < b and x<3"],
    ["code in a fence", "```sh\nnpm i @types/node # 1\n<b>\n```", "```sh\nnpm i @types/node # 1\n<b>\n```"],
    ["a block that GitHub offers to commit", "```suggestion\nx\n```", "```text\nx\n```"],
    ["one under another sign", "~~~@Suggestion\nx\n~~~", "~~~text\nx\n~~~"],
    ["one in a list", "- ```suggestion\n  x\n  ```", "- ```text\n  x\n  ```"],
    ["a fence with more than a language behind it", "~~~ js @team| x\n@code\n~~~", "~~~jsteamx\n@code\n~~~"],
    ["code in a line", "run `npm i @types/node`, thanks @you", "run `npm i @types/node`, thanks @·you"],
    ["two-tick code", "run ``a ` @b`` and @c", "run ``a ` @b`` and @·c"],
  ])("%s", (_, text, inert) => {
    expect(shown(inertMarkdown(text, 1_000))).toBe(inert);
  });

  it.each([
    ["a tick that pairs with one of an earlier line", "foo ` bar\n` @team `"],
    ["an escaped tick", "\\` @team `"],
    ["a table that cuts a span", "| ` @team | ` |"],
    ["a fence inside a list, ended by an outdented line", "- a\n  ```\n@team\n  ```"],
    ["a fence in a quotation", "> ```\n@team\n> ```"],
    ["a fence that looks closed", "````\ncode\n```\n@code\n````\n@team"],
    ["a tilde fence closed by ticks", "~~~\n```\n~~~\n@team"],
    ["a fence with ticks in its info", "``` a`b\n@team\n```"],
    ["text after an unclosed span", "a ` b\n\n@team"],
  ])("in doubt it is text: %s", (_, text) => {
    expect(inertMarkdown(text, 1_000)).not.toMatch(/@team/);
  });

  it("an open fence swallows nothing that follows", () => {
    expect(inertMarkdown("```\ncode", 100)).toBe("```\ncode\n```");
    expect(inertMarkdown("~~~~ js\n```\ncode", 100)).toBe("~~~~js\n```\ncode\n~~~~");
  });

  it("is never longer lived than its limit, and a cut leaves no half character", () => {
    expect(inertMarkdown("😀".repeat(100), 12)).toBe(`${"😀".repeat(5)}…`);
  });

  it("a title or a note is one line without code, mention, or issue", () => {
    expect(shown(inertLine("  Raise `x`\n\nfor @me, fixes #1 <b>\t", 100))).toBe(
      "Raise 'x' for @·me, fixes #·1 &lt;b>",
    );
  });

  it("without code in it no text mentions, closes, loads or hides anything, however it is put together", () => {
    const piece = fc.constantFrom(
      "@a",
      "#1",
      "<img>",
      "<!--",
      "![",
      "&#64;",
      "\n",
      "\n\n",
      " ",
      "- ",
      "> ",
      "|",
      "\\",
      "a",
      "    ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        expect(inertMarkdown(pieces.join(""), 10_000)).not.toMatch(/@\w|#\d|<\w|<!|!\[|&#/);
      }),
      { numRuns: 2_000, seed: 11 },
    );
  });

  it("code cannot be broken out of", () => {
    expect(codeSpan("a`b``c", 50)).toBe("```a`b``c```");
    expect(codeSpan("`x`\n# head", 50)).toBe("`` `x` # head ``");
    expect(codeBlock("out\n```\n@team\n", 100)).toBe("````text\nout\n```\n@team\n````");
    expect(codeBlock("x".repeat(50), 10)).toBe(`\`\`\`text\n…${"x".repeat(10)}\n\`\`\``);
  });
});

describe("paths that may only become a patch", () => {
  const BY_ITSELF = [
    ".github/workflows/ci.yml",
    ".github/hooks/pre-tool.json",
    ".agents/skills/x/SKILL.md",
    ".config/mise/config.toml",
    ".builds/alpine.yml",
    ".mergify.yml",
    ".goosehints",
    ".GitHub/Workflows/ci.yml",
    ".github/workflows",
    ".github/actions/build/index.js",
    "action.yml",
    "tools/setup/action.yaml",
    ".forgejo/workflows/ci.yml",
    ".gitlab-ci.yml",
    "ops/.gitlab-ci.deploy.yml",
    ".circleci/config.yml",
    ".buildkite/pipeline.yml",
    ".tekton/push.yaml",
    "Jenkinsfile",
    "services/pay/Jenkinsfile",
    "release.Jenkinsfile",
    "azure-pipelines.yml",
    "build/azure-pipelines-release.yml",
    "buildspec.yml",
    "deploy/buildspec-prod.yaml",
    "cloudbuild.yaml",
    "appveyor.yml",
    ".appveyor.yml",
    ".travis.yml",
    ".drone.yml",
    ".cirrus.star",
    "bitbucket-pipelines.yml",
    ".woodpecker.yml",
    ".woodpecker/test.yml",
    ".husky/pre-commit",
    "web/.husky/pre-push",
    ".husky",
    "lefthook.yml",
    ".lefthook-local.toml",
    ".pre-commit-config.yaml",
    ".githooks/pre-push",
    ".vscode/tasks.json",
    "packages/a/.vscode/settings.json",
    ".devcontainer/devcontainer.json",
    ".devcontainer.json",
    ".idea/runConfigurations/all.xml",
    "app.code-workspace",
    ".envrc",
    ".gitpod.yml",
    ".mcp.json",
    ".claude/settings.json",
    "CLAUDE.md",
    "docs/claude.local.md",
    "AGENTS.md",
    "packages/api/agents.md",
    "GEMINI.md",
    ".cursor/rules/a.mdc",
    ".cursorrules",
    ".windsurfrules",
    ".aider.conf.yml",
    ".github/copilot-instructions.md",
    ".github/instructions/ts.instructions.md",
    ".cody.yml",
    ".gitattributes",
    "src/.gitattributes",
    ".lfsconfig",
    ".gitmodules",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
  ];
  const ORDINARY = [
    ".github/config.yml",
    ".github/dependabot.yml",
    ".github/FUNDING.yml",
    ".github/ISSUE_TEMPLATE/bug.yml",
    ".github/pull_request_template.md",
    ".github/release-drafter.yml",
    "renovate.json",
    "src/.github/workflows/ci.yml",
    "docs/about-codeowners.md",
    "src/codeowners.ts",
    "src/action.ts",
    "src/actions.yml",
    "lib/jenkinsfile-parser/index.js",
    "src/jenkinsfile.d/readme",
    "my-buildspec.yml.md",
    "src/agents.ts",
    "docs/my-agents.md",
    "claude/notes.md",
    "vscode/a.ts",
    ".gitignore",
    "github/x",
    "package.json",
    "pipelines.yml",
  ];
  it("are the ones that run by themselves, in any folder and any case; the rest of .github is ordinary", () => {
    expect(BY_ITSELF.filter((path) => !protectedPathReason(["src/a.ts", path]))).toEqual([]);
    expect(ORDINARY.filter((path) => protectedPathReason(["src/a.ts", path]))).toEqual([]);
    expect(BY_ITSELF.filter((path) => protectedPathReason([path], { mayChangeCi: true }))).toEqual([]);
  });

  it("names the first one, how many more, and how to get a pull request", () => {
    expect(protectedPathReason(["a", ".github/workflows/a.yml", "AGENTS.md"])).toEqual({
      code: "protected-path",
      message: expect.stringMatching(
        /^The change touches \.github\/workflows\/a\.yml and 1 more: what GitHub Actions runs\./,
      ),
      nextStep: expect.stringMatching(/apply it yourself.*"May change CI and what runs by itself"/),
    });
  });
});
