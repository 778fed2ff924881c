import { describe, expect, it } from "vitest";
import { parseCodyFile } from "../../packages/settings/cody-file.ts";
import { cpuMs } from "../cpu-time.ts";

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
    ["labels: [approved]", 1, /"labels" is nothing/],
    ["base-branch: production", 1, /"base-branch" is nothing/],
    ["delivery: auto", 1, /"delivery" is nothing/],
    ["model: the-dearest", 1, /"model" is nothing/],
    ["costLimitUsd: 1e9", 1, /"costLimitUsd" is nothing/],
    ["network: any", 1, /"network" is nothing/],
    ["registries: [{host: evil.example}]", 1, /"registries" is nothing/],
    ["private-hosts: [169.254.169.254]", 1, /"private-hosts" is nothing/],
    ["env: {NPM_TOKEN: x}", 1, /"env" is nothing/],
    ["Check: npm test", 1, /"Check" is nothing/],
    ['"check ": npm test', 1, /"check " is nothing/],
    ["ch\u0435ck: npm test", 1, /is nothing that a file may set/],
    ["check\u200b: npm test", 1, /"check\[U\+200B\]" is nothing that a file may set/],
    [`${"\u200b".repeat(300)}: x`, 1, /is nothing that a file may set/],
    ["limits: {\u{e0041}: 5}", 1, /"limits\.\[U\+E0041\]" is nothing/],
    ["limits: {costLimitUsd: 5}", 1, /"limits\.costLimitUsd" is nothing/],
    ["limits: {turns: 1.5}", 1, /"limits\.turns"/],
    ["limits: {turns: 1e400}", 1, /"limits\.turns"/],
    ["limits: {turns: .nan}", 1, /"limits\.turns"/],
    ["limits: {turns: '5'}", 1, /"limits\.turns"/],
    ["limits: [5]", 1, /"limits"/],
    ["limits: {minutes: 0}", 1, /"limits\.minutes"/],
    ["limits:\n  turns: 5\n  turns: 50", 3, /unique/],
    ["check: npm test\n<<: {image: evil}", 2, /"<<" is nothing/],
    ["%YAML 1.1\n---\ncheck: npm test\n<<: {image: evil}", 4, /"<<" is nothing/],
    ["%YAML 1.1\n---\nlimits: {turns: 1_0}", 3, /"limits\.turns"/],
    ["%YAML 9.9\n---\ncheck: x", 1, /version/i],
    ["%TAG ! tag:evil.example,2000:\n---\ncheck: !x y", 3, /tag/i],
    ["check: !!binary bnBtIHRlc3Q=", 1, /tag|"check"/i],
    ["check: !!set {npm}", 1, /tag|"check"/i],
    ["? !!str check\n: npm test\nimage: evil", 3, /"image" is nothing/],
    ["check: npm test\n...\nimage: evil", 3, /document|\./],
    ['check: "npm\\0 test"', 1, /"check"/],
    ['check: "npm\\e[31m test"', 1, /"check": It holds characters that are not seen/],
    ['check: "npm\\u202e test"', 1, /"check": It holds characters that are not seen/],
    ['instructions: "a\\u0000b"', 1, /"instructions": It holds characters that are not seen/],
    ['instructions: "\\U000e0041"', 1, /"instructions": It holds characters that are not seen/],
    [`instructions: ${"x".repeat(5_000)}`, 1, /under 4000 characters/],
    [`protected-paths: [${"a,".repeat(60)}a]`, 1, /at most 50 paths/],
    ['protected-paths: ["a\\nb"]', 1, /as in \.gitignore/],
    [`toolchains: [${"java,".repeat(11)}java]`, 1, /"toolchains"/],
    ["toolchains: ['java; id']", 1, /Name a toolchain/],
    ["check: npm test\rimage: evil", 1, /./],
    ["check: npm test\u2028image", 1, /not seen/],
    ["check: npm test\u0085image", 1, /not seen/],
    ["\tcheck: npm test", 1, /tab/i],
    ["{check: npm test, image: evil}", 1, /"image" is nothing/],
    ["null", 1, /no list of settings/],
    ["7", 1, /no list of settings/],
  ])("%j asks for more than it may: one sentence with its line, and nothing of it counts", (text, line, says) => {
    const { problem, settings } = read(text);
    expect(settings).toBeUndefined();
    expect(problem).toMatch(new RegExp(`^\\.cody\\.yml, line ${line}: `));
    expect(problem).toMatch(says);
    expect(problem).toMatch(/The file is left out\.$/);
    expect(problem).toMatch(/^[^\p{Cc}\p{Cf}\u2028]{1,500}$/u);
  });

  it.each([
    ["an alias", "a: &x [1]\ncheck: *x", /alias/],
    ["a billion laughs", `a: &a [x,x]\nb: &b [*a,*a]\nsetup: [${"*b,".repeat(50)}*b]`, /alias/],
    ["deep brackets", "[".repeat(16_000), /brackets/],
    ["deep folds", `check:\n${Array.from({ length: 120 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")}`, /"check"/],
    ["deep lists", `check: ${"- ".repeat(8_000)}`, /\./],
    ["many question marks", "? ".repeat(8_000), /\./],
    ["many keys", Array.from({ length: 1_500 }, (_, i) => `k${i}: 1`).join("\n"), /"k0" is nothing/],
    ["an anchor on itself", "check: &a [*a]", /alias/],
    ["an anchor of a key", "&a check: x\n*a : y", /keys must be strings/],
    ["many anchors", "&a ".repeat(4_000), /\./],
    ["a folded text without end", `check: >\n${" \n".repeat(8_000)}`, /"check"/],
    ["quotes without end", `check: "${"\\u0041".repeat(2_000)}`, /\./],
    ["UTF-32", new Uint8Array([0x63, 0, 0, 0, 0x68, 0, 0, 0]), /no text in UTF-8/],
    ["UTF-7", "check: +AG4-pm\n+AGk-mage: evil", /"\+AGk-mage" is nothing/],
    ["letters in too many bytes", new Uint8Array([0x61, 0x3a, 0x20, 0xc1, 0xa1]), /no text in UTF-8/],
    ["half a pair", new Uint8Array([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]), /no text in UTF-8/],
    ["more than it may have", "#".repeat(17_000), /17,000 bytes/],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x61, 0, 0x3a, 0]), /no text in UTF-8/],
    ["no UTF-8", new Uint8Array([0x61, 0x3a, 0x20, 0xff]), /no text in UTF-8/],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0]), /no text in UTF-8/],
  ])("%s is left out", (_, given, says) => {
    const took = cpuMs(() => expect(read(given).problem).toMatch(says));
    expect(took).toBeLessThan(2_000);
  });
});
