import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const ENTRY_POINTS = ["functions", "containers", "slack", "stacks"];

/** The package of a file: `packages/store`, or the top-level folder. */
const packageOf = (file: string) =>
  file
    .split("/")
    .slice(0, file.startsWith("packages/") ? 2 : 1)
    .join("/");

const files = globSync(["packages/**/*.ts", ...ENTRY_POINTS.map((folder) => `${folder}/**/*.ts`)], { cwd: ROOT });

const imports = files.flatMap((file) =>
  [...readFileSync(join(ROOT, file), "utf8").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, target]) => ({
    file,
    from: packageOf(file),
    target: target!,
    to: target!.startsWith(".") ? packageOf(relative(ROOT, join(ROOT, dirname(file), target!))) : target!,
  })),
);

const LEAVES = ["jobs", "clock", "text", "diff", "encoding", "filesystem", "conversation", "config"].map(
  (leaf) => `packages/${leaf}`,
);
const APART = ["packages/local", "packages/stand-ins", "packages/doctor"];
const below = (to: string) => to.startsWith("packages/") && !APART.includes(to);
const leafOr =
  (...also: string[]) =>
  (to: string) =>
    LEAVES.includes(to) || also.includes(to);

/** What each package may import; the others know the leaves only. */
const MAY: Record<string, (to: string) => boolean> = {
  "packages/text": () => false,
  "packages/encoding": (to) => to === "packages/text",
  "packages/filesystem": () => false,
  "packages/diff": () => false,
  "packages/clock": () => false,
  "packages/jobs": (to) => to === "packages/text",
  "packages/conversation": (to) => to === "packages/jobs",
  "packages/config": (to) => to === "packages/jobs" || to === "packages/text",
  "packages/workspace": leafOr("packages/sandbox"),
  "packages/notify": leafOr("packages/views"),
  "packages/work": (to) => below(to) && to !== "packages/publish",
  "packages/publish": (to) => below(to) && to !== "packages/work",
  // The forge answers exactly the query that the product sends.
  "packages/stand-ins": leafOr("packages/agent", "packages/github"),
  "packages/doctor": (to) => below(to) || to === "functions",
  "packages/local": (to) => to.startsWith("packages/") || ["functions", "slack"].includes(to),
  functions: (to) => below(to) || to === "slack",
  containers: below,
  slack: below,
  stacks: below,
};

/** Each function has a handler and its variables, each interaction a view, what parses it and what it does. */
const MAY_BE_ALIKE = ["handler", "variables", "view", "parse", "submit"];

const exportedNames = (text: string) => [
  ...[...text.matchAll(/^export (?:declare |async |abstract )*(?:const|let|function\*?|class|type|enum) (\w+)/gm)].map(
    ([, name]) => name!,
  ),
  ...[...text.matchAll(/^export (?:type |const )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
    names!.split(",").flatMap((one) => /(\w+)\s*$/.exec(one)?.[1] ?? []),
  ),
];

describe("exported names", () => {
  it("no two are alike: a name says which of two things is meant", () => {
    const filesOf = new Map<string, string[]>();
    // Samples hold the files of repositories, as text.
    for (const file of files.filter((one) => !one.includes("/forge/samples/")))
      for (const name of new Set(exportedNames(readFileSync(join(ROOT, file), "utf8"))))
        filesOf.set(name, [...(filesOf.get(name) ?? []), file]);
    expect(filesOf.size).toBeGreaterThan(1_000);
    const alike = [...filesOf].filter(([name, where]) => where.length > 1 && !MAY_BE_ALIKE.includes(name));
    expect(alike.map(([name, where]) => `${name}: ${where.join(", ")}`)).toEqual([]);
  });

  it("none is there for tests alone", () => {
    const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
    const words = new Map<string, number>();
    for (const { text } of texts)
      for (const [word] of text.matchAll(/\w+/g)) words.set(word, (words.get(word) ?? 0) + 1);
    const unused = texts
      .filter(({ file }) => !/^(?:packages\/stand-ins|functions|stacks)\//.test(file))
      .flatMap(({ file, text }) => exportedNames(text).map((name) => ({ file, name })))
      .filter(({ name }) => words.get(name) === 1);
    expect(unused.map(({ file, name }) => `${name}: ${file}`)).toEqual([]);
  });
});

describe("the tests", () => {
  const tests = globSync("test/**/*.test.ts", { cwd: ROOT })
    .filter((file) => file !== "test/rules.test.ts")
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

  it("put nothing of their own in the place of our modules", () => {
    expect(tests.length).toBeGreaterThan(100);
    const mocking = /\bvi\.(?:doMock|mock)\(\s*(?:import\(\s*)?["'`]\.|\bimport\.meta\.mock/;
    expect(tests.filter(({ text }) => mocking.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("that may be skipped say in a title what they need", () => {
    const silent = tests
      .filter(({ text }) => /\b(?:test|it|describe)\.(?:skipIf|runIf|skip|todo)\b/.test(text))
      .filter(({ text }) => !/\((?:needs?|skipped without) |; needs? /.test(text));
    expect(silent.map(({ file }) => file)).toEqual([]);
  });
});

describe("the one-way flow between packages", () => {
  it("reads real imports", () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  it("a package knows the leaves only; entry points know packages; nothing knows packages/local", () => {
    const broken = imports
      .filter(({ target }) => target.startsWith("."))
      .filter(({ from, to }) => from !== to && !(MAY[from] ?? leafOr())(to))
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(broken).toEqual([]);
  });

  it("cutting text needs nothing at all", () => {
    expect(imports.filter(({ from, target }) => from === "packages/text" && !target.startsWith("."))).toEqual([]);
  });

  it("text is cut by packages/text: a slice knows no characters", () => {
    const byHand = /\.(?:slice|substring|substr)\((?:0, ?|-)(?:MAX_\w*CHARS|max(?:Chars|Length)?)\b|\\ud800-\\udbff/;
    const cutting = files
      .filter((file) => !file.startsWith("packages/text/"))
      .filter((file) => byHand.test(readFileSync(join(ROOT, file), "utf8")));
    expect(cutting).toEqual([]);
  });

  it.each([
    [
      "characters that are not seen",
      "packages/text/",
      /\\p\{(?:Cf|Default_Ignorable)|\\u202[ae]|\\u200b-/,
      ["packages/workspace/paths.ts"],
    ],
    ["codes of terminals", "packages/text/", /\\x1b\\?\[|stripVTControlCharacters/, []],
    ["headers of a patch", "packages/diff/", /"\\n?diff --git |startsWith\("(?:@@|\+\+\+) |GIT binary patch/, []],
    ["names of the agent's tools", "packages/agent/", /"(?:read_file|edit_file|run_command)"/, []],
  ])("%s are known to %s alone", (_, leaf, rule, besides) => {
    const knowing = files
      .filter((file) => !file.startsWith(leaf) && !file.startsWith("packages/stand-ins/") && !besides.includes(file))
      .filter((file) => rule.test(readFileSync(join(ROOT, file), "utf8")));
    expect(knowing).toEqual([]);
    expect(files.some((file) => file.startsWith(leaf) && rule.test(readFileSync(join(ROOT, file), "utf8")))).toBe(true);
  });

  it("the domain types need zod and a hash", () => {
    const foreign = imports
      .filter(({ from, target }) => from === "packages/jobs" && !target.startsWith("."))
      .map(({ target }) => target);
    expect([...new Set(foreign)].sort()).toEqual(["node:crypto", "zod"]);
  });

  it("imports name a file: no index, no re-exporting index files", () => {
    expect(imports.filter(({ target }) => /^\..*(?<!\.(?:ts|json|md))$/.test(target)).map(({ file }) => file)).toEqual(
      [],
    );
    expect(files.filter((file) => file.endsWith("/index.ts"))).toEqual([]);
  });
});
