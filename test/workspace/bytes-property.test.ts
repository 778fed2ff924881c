import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { baseFilesOf } from "../../packages/workspace/base-files.ts";
import { placeOf } from "../../packages/workspace/byte-path.ts";
import { statusText, takePatch } from "../../packages/workspace/patch.ts";
import { recordTree } from "../../packages/workspace/record.ts";
import { git, makeOrigin } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";

/** Each seed is a folder with files, names and .gitattributes of its own; some seeds share a commit, for speed. */
const SEEDS = Number(process.env.CODY_SEEDS ?? 50);
const SEEDS_A_COMMIT = 25;
const FIRST = Number(process.env.CODY_SEED ?? Math.floor(Math.random() * 1e9));

const bytes = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding);
const line = fc.constantFrom("one", "", "$Id$", "$Id: 1.2 $", "naïve", "\u{1f600}", "x".repeat(900), "version 1");
const text = fc
  .record({
    lines: fc.array(line, { maxLength: 6 }),
    ends: fc.array(fc.constantFrom("\n", "\r\n", "\r"), { minLength: 1, maxLength: 3 }),
    last: fc.boolean(),
  })
  .map(({ lines, ends, last }) =>
    lines.map((one, i) => (i < lines.length - 1 || last ? one + ends[i % ends.length] : one)).join(""),
  );
const content = fc.oneof(
  { weight: 4, arbitrary: text.map((one) => bytes(one)) },
  text.map((one) => bytes(`\ufeff${one}`)),
  text.map((one) => bytes(one, "utf16le")),
  text.map((one) => Buffer.concat([Uint8Array.of(0xff, 0xfe), bytes(one, "utf16le")])),
  text.map((one) => Buffer.concat([Uint8Array.of(0xfe, 0xff), bytes(one, "utf16le").swap16()])),
  text.map((one) => bytes(one, "latin1")),
  fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one)),
  fc.constant(bytes(`version https://git-lfs.github.com/spec/v1\noid sha256:${"1".repeat(64)}\nsize 5\n`)),
);

const name = fc.constantFrom(
  ...[
    "a.txt",
    "b.bin",
    "c.bat",
    "d.rc",
    "-x",
    "--all",
    ":(glob)x",
    "*",
    "a b",
    "\ttab",
    "new\nline",
    'q"uo',
    "back\\s",
  ],
  ...[
    "é",
    "e\u0301",
    "\u202egnp",
    ".gitx",
    "git~2",
    ".git.x",
    "..a",
    "a.",
    "AUX",
    "[a]",
    "!a",
    "#a",
    "a ",
    "\x7f",
    "~",
  ],
  ...["\xe9\xff", "\xc3", "\x80.txt"].map((one) => `latin1:${one}`),
);
const nameBytes = (one: string) => (one.startsWith("latin1:") ? one.slice(7) : bytes(one).toString("latin1"));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.map(nameBytes).join("/"));

const attribute = fc.constantFrom(
  ...[
    "text",
    "-text",
    "text=auto",
    "!text",
    "eol=crlf",
    "eol=lf",
    "text eol=crlf",
    "text eol=lf",
    "crlf",
    "crlf=input",
  ],
  ...["ident", "-ident", "filter=lfs diff=lfs merge=lfs -text", "filter=git-crypt", "filter", "binary", "diff=java"],
  ...["working-tree-encoding=UTF-16LE-BOM eol=CRLF", "working-tree-encoding=UTF-16", "working-tree-encoding=latin1"],
  ...["working-tree-encoding", "working-tree-encoding=no-such", "export-subst", "merge=union", "mine"],
);
const pattern = fc.constantFrom("*", "*.txt", "*.b*", "/*", "**/a.txt", "d.rc", "a.txt", "c.bat", "[a-z]*", "?", "*/*");
const attributes = fc
  .array(fc.tuple(pattern, attribute), { maxLength: 5 })
  .map((rules) => bytes(["[attr]mine text eol=crlf ident", ...rules.map((rule) => rule.join(" "))].join("\n")));

type File = { mode: string; content: Buffer };
const file: fc.Arbitrary<File> = fc.oneof(
  { weight: 5, arbitrary: content.map((one) => ({ mode: "100644", content: one })) },
  content.map((one) => ({ mode: "100755", content: one })),
  fc
    .constantFrom("a.txt", "..", "/etc/passwd", ".", "nowhere/x")
    .map((one) => ({ mode: "120000", content: bytes(one) })),
);
const folder = fc.record({
  files: fc.array(fc.tuple(path, file), { minLength: 1, maxLength: 8 }),
  rules: attributes,
  nested: fc.option(attributes),
  edit: fc.record({ at: fc.nat(), content }),
});
type Folder = typeof folder extends fc.Arbitrary<infer T> ? T : never;

/** What stands in a folder once files that are in each other's way are left out. */
function filesOf(prefix: string, { files, rules, nested }: Folder): Map<string, File> {
  const placed = new Map<string, File>([[`${prefix}/.gitattributes`, { mode: "100644", content: rules }]]);
  for (const [at, one] of files) {
    const full = `${prefix}/${at}`;
    const taken = [...placed.keys()].some((other) => other.startsWith(`${full}/`) || full.startsWith(`${other}/`));
    if (!taken) placed.set(full, one);
  }
  const below = [...placed.keys()].find((one) => one.split("/").length > 2);
  if (nested && below)
    placed.set(`${below.split("/").slice(0, 2).join("/")}/.gitattributes`, { mode: "100644", content: nested });
  return placed;
}

/** git fast-import's own quoting: every byte that could mean something in octal. */
const quoted = (at: string) =>
  `"${at.replace(/[^A-Za-z0-9/._-]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;

async function originOf(files: Map<string, File>) {
  const origin = await makeOrigin({});
  const parts = [
    bytes("commit refs/heads/seeds\ncommitter A <a@b.invalid> 1767225600 +0000\ndata 0\n"),
    ...[...files].flatMap(([at, { mode, content: data }]) => [
      bytes(`M ${mode} inline ${quoted(at)}\ndata ${data.length}\n`),
      data,
      bytes("\n"),
    ]),
  ];
  git(origin.source, ["fast-import", "--quiet"], Buffer.concat(parts));
  return { ...origin, commit: git(origin.source, ["rev-parse", "seeds"]).toString().trim() };
}

const idOf = (data: Buffer) => createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");

describe("bytes in, bytes out, whatever attributes say", () => {
  const commits = Array.from({ length: Math.ceil(SEEDS / SEEDS_A_COMMIT) }, (_, i) => FIRST + i * SEEDS_A_COMMIT);

  test.for(commits)("CODY_SEED=%i CODY_SEEDS=25", { timeout: 120_000 }, async (first) => {
    const seeds = Array.from({ length: SEEDS_A_COMMIT }, (_, i) => first + i);
    const folders = seeds.map((seed) => ({ prefix: `s${seed}`, ...fc.sample(folder, { seed, numRuns: 1 })[0]! }));
    const files = new Map(folders.flatMap((one) => [...filesOf(one.prefix, one)]));
    files.set(".gitattributes", { mode: "100644", content: fc.sample(attributes, { seed: first, numRuns: 1 })[0]! });
    const origin = await originOf(files);

    const work = await cloneOf(origin);
    const tree = git(origin.source, ["rev-parse", `${origin.commit}^{tree}`])
      .toString()
      .trim();
    expect(await recordTree(work)).toEqual({ treeId: tree, changes: [], notes: [], leftOut: [] });
    expect(await statusText(work)).toBe("");
    for (const [at, { id, mode }] of (await baseFilesOf(work)).entries) {
      const place = placeOf(work, at);
      expect([at, mode === "120000" ? idOf(readlinkSync(place, "buffer")) : idOf(readFileSync(place))]).toEqual([
        at,
        id,
      ]);
      if (mode !== "120000") expect((lstatSync(place).mode & 0o100) !== 0).toBe(mode === "100755");
    }

    // A folder that is moved keeps its bytes too.
    const [from, to] = [`s${first}`, `moved-${first}`].map((at) => placeOf(work, at));
    renameSync(from!, to!);
    const moved = await recordTree(work);
    const below = [...(await baseFilesOf(work)).entries].filter(([at]) => at.startsWith(`s${first}/`));
    expect("changes" in moved && moved.changes.filter(({ newMode }) => newMode !== "000000")).toMatchObject(
      below
        .map(([at, { id }]) => ({ bytes: at.replace(`s${first}/`, `moved-${first}/`), newId: id }))
        .toSorted((a, b) => (a.bytes < b.bytes ? -1 : 1)),
    );
    renameSync(to!, from!);

    // One file of each seed gets other content. Nothing else is in the change, and it arrives everywhere.
    const edited = folders.flatMap(({ prefix, edit }) => {
      const plain = [...files].filter(([at, { mode }]) => at.startsWith(`${prefix}/`) && mode !== "120000");
      const [at, { content: old }] = plain[edit.at % plain.length]!;
      const now = Buffer.concat([old, edit.content]);
      writeFileSync(placeOf(work, at), now);
      return now.equals(old) ? [] : [at];
    });
    const recorded = await recordTree(work);
    const changes = "changes" in recorded ? recorded.changes.map(({ bytes: at }) => at) : recorded;
    expect(edited).toEqual(expect.arrayContaining(changes as string[]));
    const taken = await takePatch(work);
    const publish = await cloneOf(origin, { checkout: false });
    expect((await applyPatch(publish, taken.patch)).treeId).toBe(taken.treeId);
    const resumed = await cloneOf(origin);
    await applyPatch(resumed, taken.patch);
    expect(await recordTree(resumed)).toMatchObject({ treeId: taken.treeId });
    const person = join(origin.folder, "person");
    git(origin.folder, ["clone", "-q", "--no-checkout", origin.source, person]);
    git(person, ["read-tree", origin.commit]);
    if (taken.patch.length > 0) git(person, ["apply", "--cached", "--binary", "--whitespace=nowarn", "-"], taken.patch);
    expect(git(person, ["write-tree"]).toString().trim()).toBe(taken.treeId);
  });
});
