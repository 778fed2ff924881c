import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AgentEnding } from "../../packages/agent/endings.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { targetsOf } from "../../packages/stand-ins/claude/raise/target.ts";
import { isAtLeast } from "../../packages/stand-ins/claude/raise/versions.ts";
import { stage } from "../agent/stage.ts";

const PROMPT = "Raise log4j-core to at least 2.17.1, and the npm package minimist to at least 1.2.8.";

async function run(files: Record<string, string>, prompt = PROMPT) {
  await using on = await stage({ files });
  const { ending } = await runAgent(on.deps, on.input({ prompt }));
  const after = Object.fromEntries(
    await Promise.all(
      Object.keys(files).map(async (path) => [path, await readFile(join(on.tree.folder, path), "utf8")] as const),
    ),
  );
  expect(on.refused).toEqual([]);
  return { verdict: verdictOf(ending), after, turns: on.turns.length };
}

function verdictOf(ending: AgentEnding) {
  if (ending.kind !== "verdict") throw new Error(`ended as ${JSON.stringify(ending)}`);
  return ending.verdict;
}

const dependency = (artifact: string, version?: string) => `    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>${artifact}</artifactId>${version ? `\n      <version>${version}</version>` : ""}
    </dependency>
`;
const pom = (inner: string) => `<?xml version="1.0"?>\n<project>\n${inner}</project>\n`;
const inDependencies = (inner: string) => `  <dependencies>\n${inner}  </dependencies>\n`;
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const lock = (version: string, extra: object = {}) =>
  json({
    name: "app",
    lockfileVersion: 3,
    packages: {
      "": { name: "app", dependencies: { express: "^4.0.0", minimist: `^${version}` } },
      "node_modules/express": { version: "4.18.2", dependencies: { qs: "6" } },
      "node_modules/minimist": {
        version,
        integrity: "sha512-AAA",
        ...extra,
      },
    },
  });

describe("repositories that the script has never seen", () => {
  const raised: [string, Record<string, string>, Record<string, [string, string][]>][] = [
    [
      "Maven, a literal version and its sibling",
      { "pom.xml": pom(inDependencies(dependency("log4j-api", "2.14.1") + dependency("log4j-core", "2.14.1"))) },
      { "pom.xml": [["<version>2.14.1</version>", "<version>2.17.1</version>"]] },
    ],
    [
      "Maven, a property set in the parent of a module, CRLF and a commented-out dependency",
      {
        "pom.xml": pom(
          `  <!--${dependency("log4j-core", "1.0")}-->\n  <properties>\n    <logging.version>2.14.1</logging.version>\n  </properties>\n`,
        ).replaceAll("\n", "\r\n"),
        "app/pom.xml": pom(inDependencies(dependency("log4j-core", "$" + "{logging.version}"))),
      },
      { "pom.xml": [["<logging.version>2.14.1", "<logging.version>2.17.1"]], "app/pom.xml": [] },
    ],
    [
      "Maven, dependencyManagement",
      {
        "pom.xml": pom(
          `  <dependencyManagement>\n${inDependencies(dependency("log4j-core", "[2.0,2.15)"))}  </dependencyManagement>\n${inDependencies(dependency("log4j-core"))}`,
        ),
      },
      { "pom.xml": [["[2.0,2.15)", "2.17.1"]] },
    ],
    [
      "Gradle, one string",
      { "build.gradle": "dependencies {\n  implementation 'org.apache.logging.log4j:log4j-core:2.14.1'\n}\n" },
      { "build.gradle": [["2.14.1", "2.17.1"]] },
    ],
    [
      "Gradle with a variable in gradle.properties",
      {
        "build.gradle": 'implementation "org.apache.logging.log4j:log4j-core:$loggingVersion"\n',
        "gradle.properties": "loggingVersion=2.14.1\nother=1\n",
      },
      { "build.gradle": [], "gradle.properties": [["2.14.1", "2.17.1"]] },
    ],
    [
      "npm, a range with a prefix",
      { "package.json": json({ name: "app", dependencies: { minimist: "~1.2.5" } }) },
      { "package.json": [["~1.2.5", "~1.2.8"]] },
    ],
    [
      "npm with a lock file, whose integrity is left to npm",
      { "package.json": json({ dependencies: { minimist: "^1.2.5" } }), "package-lock.json": lock("1.2.5") },
      {
        "package.json": [["^1.2.5", "^1.2.8"]],
        "package-lock.json": [
          ["^1.2.5", "^1.2.8"],
          ['"version": "1.2.5"', '"version": "1.2.8"'],
          ['"1.2.8",\n      "integrity": "sha512-AAA"', '"1.2.8"'],
        ],
      },
    ],
  ];
  test.each(raised)("%s", async (_, files, changes) => {
    const { verdict, after } = await run(files);
    expect(verdict).toMatchObject({ wereChangesNecessary: true, pullRequestTitle: expect.stringContaining("Raise ") });
    expect(verdict.evidence.map(({ note }) => note).join()).toContain("raised");
    for (const [path, replacements] of Object.entries(changes)) {
      expect(after[path]).toBe(replacements.reduce((text, [from, to]) => text.replaceAll(from, to), files[path]!));
    }
    if (files["package-lock.json"]) expect(() => JSON.parse(after["package-lock.json"]!)).not.toThrow();
  });

  const kept: [string, Record<string, string>, string, string][] = [
    [
      "high enough already",
      { "pom.xml": pom(inDependencies(dependency("log4j-core", "2.20.0"))) },
      "pom.xml",
      "was 2.20.0, high enough",
    ],
    [
      "not used at all",
      { "pom.xml": pom(""), "README.md": "x" },
      "pom.xml",
      "names no version of log4j-core or the npm package minimist",
    ],
    ["no build file", { "README.md": "log4j-core is fine\n" }, ".", "no Maven, Gradle or npm build file"],
    [
      "only log4j-api, which is not log4j-core",
      { "pom.xml": pom(inDependencies(dependency("log4j-api", "2.14.1"))) },
      "pom.xml",
      "names no version of",
    ],
    [
      "npm, high enough in both files",
      { "package.json": json({ devDependencies: { minimist: "^1.2.8" } }), "package-lock.json": lock("1.2.8") },
      "package.json",
      "high enough",
    ],
  ];
  test.each(kept)("no change where it is %s", async (_, files, path, note) => {
    const { verdict, after } = await run(files);
    expect(verdict.wereChangesNecessary).toBe(false);
    expect(verdict.evidence[0]).toEqual({ path, note: expect.stringContaining(note) });
    expect(after).toEqual(files);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "a parent elsewhere",
      { "pom.xml": pom(inDependencies(dependency("log4j-core"))) },
      "pom.xml uses log4j-core with a version that stands elsewhere",
    ],
    [
      "a platform of Gradle",
      { "build.gradle": 'implementation "org.apache.logging.log4j:log4j-core"\n' },
      "build.gradle uses log4j-core with a version that stands elsewhere",
    ],
    [
      "a property of a parent",
      { "pom.xml": pom(inDependencies(dependency("log4j-core", "$" + "{l.v}"))) },
      "does not define",
    ],
    [
      "a submodule",
      { "pom.xml": pom(""), ".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n' },
      "The repository has submodules",
    ],
    [
      "a lock file that only npm can renew",
      {
        "package.json": json({ dependencies: { minimist: "^1.2.8" } }),
        "package-lock.json": lock("1.2.5", { dependencies: { a: "1" } }),
      },
      "still locks minimist 1.2.5",
    ],
  ])("a script cannot judge a version that stands in %s, and says so", async (_, files, says) => {
    const { verdict, after } = await run(files);
    expect(verdict.blockedBy).toMatch(/ANTHROPIC_API_KEY/);
    expect(verdict.summary).toContain("] I am a script and cannot judge this. ");
    expect(verdict.summary).toContain(says);
    expect(after).toEqual(files);
  });

  test("a locked package with dependencies of its own is left to npm, and the reviewer is told", async () => {
    const files = {
      "package.json": json({ dependencies: { minimist: "^1.2.5" } }),
      "package-lock.json": lock("1.2.5", { dependencies: { a: "1" } }),
    };
    const { verdict, after } = await run(files);
    expect(after["package-lock.json"]).toBe(files["package-lock.json"]);
    expect(verdict.summary).toContain("run npm install");
  });

  test("a file of 2,500 lines is read to its end", async () => {
    const filler = "    <!-- filler -->\n".repeat(2_400);
    const { verdict, after } = await run({
      "pom.xml": pom(filler + inDependencies(dependency("log4j-core", "2.14.1"))),
    });
    expect(verdict.wereChangesNecessary).toBe(true);
    expect(after["pom.xml"]).toContain("<version>2.17.1</version>");
  });
});

test("what a prompt asks for is read from many wordings, and from nothing else", () => {
  const log4j = { kind: "maven", group: "org.apache.logging.log4j", artifact: "log4j-core", version: "2.17.1" };
  for (const wording of [
    "Raise log4j-core to at least 2.17.1.",
    "Please upgrade `log4j` to version 2.17.1 or newer",
    "bump log4j-core (Maven or Gradle) to >= 2.17.1!",
    "Make sure we use log4j-core 2.17.1 or later everywhere.",
  ]) {
    expect(targetsOf(wording)).toEqual([log4j]);
  }
  expect(targetsOf("update @types/node to v24.0.0")).toEqual([{ kind: "npm", name: "@types/node", version: "24.0.0" }]);
  expect(targetsOf(PROMPT)).toEqual([log4j, { kind: "npm", name: "minimist", version: "1.2.8" }]);
  for (const other of ["Fix the typo in README.md", "Raise the log level to debug", "What changed in 2.17.1?"])
    expect(targetsOf(other)).toEqual([]);
});

test("versions compare as people mean them", () => {
  const atLeast = [
    ["2.17.1", "2.17.1"],
    ["2.17.10", "2.17.9"],
    ["3", "2.17.1"],
    ["2.17.1", "2.17"],
    ["^1.2.8", "1.2.8"],
    ["2.17.1", "2.17.1-rc1"],
  ];
  for (const [version, least] of atLeast) expect(isAtLeast(version!, least!), `${version} >= ${least}`).toBe(true);
  const below = [
    ["2.9.9", "2.10.0"],
    ["2.17.1-beta1", "2.17.1"],
    ["2.17", "2.17.1"],
    ["nonsense", "0.1"],
  ];
  for (const [version, least] of below) expect(isAtLeast(version!, least!), `${version} < ${least}`).toBe(false);
});

test("for any other prompt it looks around, changes nothing and says what it is", async () => {
  const { verdict } = await run({ "README.md": "# Orders\n", "package.json": "{}\n" }, "Write a poem into the README.");
  expect(verdict).toMatchObject({
    wereChangesNecessary: true,
    blockedBy: expect.stringContaining("ANTHROPIC_API_KEY"),
  });
  expect(verdict.summary).toMatch(/^\[scripted model\] I am a script, not a model.*2 files and changed nothing/);
  expect(verdict.evidence).toContainEqual({ path: "README.md", note: "begins with: # Orders" });
});

test.each([
  ["a Maven artifact by its bare name", { "pom.xml": pom(dependency("spring-core", "5.3.0")) }],
  ["a package of Python", { "requirements.txt": "spring-core==5.3.0\n" }],
  ["a submodule or no build file at all", { "README.md": "# App\n" }],
])("it claims nothing of what it cannot read: %s", async (_, files) => {
  const { verdict } = await run(files as Record<string, string>, "Raise spring-core to at least 5.3.39");
  expect(verdict).toMatchObject({
    wereChangesNecessary: true,
    blockedBy: expect.stringContaining("ANTHROPIC_API_KEY"),
  });
  expect(verdict.summary).toContain("I am a script and cannot judge this");
});

test("bench mode makes exactly so many turns of reads, then a verdict", async () => {
  expect((await run({ "README.md": "# Orders\n" }, "[bench turns=20]")).turns).toBe(21);
});
