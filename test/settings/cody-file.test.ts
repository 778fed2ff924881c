import { describe, expect, it } from "vitest";
import { parseCodyFile } from "../../packages/settings/cody-file.ts";

const read = (text: string | Uint8Array) =>
  parseCodyFile(".cody.yml", typeof text === "string" ? new TextEncoder().encode(text) : text);

describe(".cody.yml", () => {
  it("says what runs and makes rules stricter", () => {
    const text = `# ours
setup: npm ci
check: |
  npm run lint
  npm test
toolchains: [java, node@22]
limits: { turns: 40, minutes: 20, command-minutes: 5.5 }
instructions: Keep the changelog.
protected-paths:
  - migrations/
  - "*.sql"
`;
    expect(read(text)).toEqual({
      settings: {
        setup: "npm ci",
        check: "npm run lint\nnpm test",
        toolchains: ["java", "node@22"],
        limits: { turns: 40, minutes: 20, commandMinutes: 5.5 },
        instructions: "Keep the changelog.",
        protectedPaths: ["migrations/", "*.sql"],
      },
    });
    expect(read("\ufeffcheck: none\r\n")).toEqual({ settings: { check: "none" } });
    expect(read("# nothing\n")).toEqual({ settings: {} });
  });

  it.each([
    ["image: ubuntu", 1, /"image" is nothing that a file may set: setup, check/],
    ["check: npm test\nbaseBranch: x", 2, /"baseBranch" is nothing/],
    ["check: npm test\n\nreviewers: [octocat]", 3, /"reviewers" is nothing/],
    ["mayChangeCi: true", 1, /"mayChangeCi" is nothing/],
    ["capUsd: 500", 1, /"capUsd" is nothing/],
    ["hosts: [evil.example]", 1, /"hosts" is nothing/],
    ["secrets: {A: b}", 1, /"secrets" is nothing/],
    ["__proto__: {check: x}", 1, /"__proto__" is nothing/],
    ["constructor: x", 1, /"constructor" is nothing/],
    ["limits:\n  turns: 5\n  usd: 3", 3, /"limits\.usd" is nothing/],
    ["limits:\n  turns: -1", 2, /"limits\.turns"/],
    ["limits:\n  minutes: .inf", 2, /"limits\.minutes"/],
    ["check: 5", 1, /"check": .*expected string/],
    ["check: [npm, test]", 1, /"check"/],
    ["check: npm\u202e test", 1, /"check": It holds characters that are not seen/],
    ["protected-paths: '*'", 1, /"protected-paths"/],
    ["protected-paths: ['!all']", 1, /as in \.gitignore/],
    ["toolchains: [../../bin/sh]", 1, /Name a toolchain/],
    ["check: a\ncheck: b", 2, /unique/],
    ["check: [", 1, /\./],
    ["check: a\n---\ncheck: b", 2, /multiple documents/],
    ["- check", 1, /no list of settings/],
    ["just words", 1, /no list of settings/],
    ["check: !!js/function x", 1, /tag/i],
    ["? [a]\n: b", 1, /keys/],
  ])("%j is left out: one sentence with its line", (text, line, says) => {
    const { problem, settings } = read(text);
    expect(settings).toBeUndefined();
    expect(problem).toMatch(new RegExp(`^\\.cody\\.yml, line ${line}: `));
    expect(problem).toMatch(says);
    expect(problem).toMatch(/The file is left out\.$/);
    expect(problem).not.toContain("\n");
  });

  it.each([
    ["an alias", "a: &x [1]\ncheck: *x", /alias/],
    ["a billion laughs", `a: &a [x,x]\nb: &b [*a,*a]\nsetup: [${"*b,".repeat(50)}*b]`, /alias/],
    ["deep brackets", "[".repeat(16_000), /brackets/],
    ["more than it may have", "#".repeat(17_000), /17,000 bytes/],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x61, 0, 0x3a, 0]), /no text in UTF-8/],
    ["no UTF-8", new Uint8Array([0x61, 0x3a, 0x20, 0xff]), /no text in UTF-8/],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0]), /no text in UTF-8/],
  ])("%s is left out", (_, given, says) => {
    const began = performance.now();
    expect(read(given).problem).toMatch(says);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
