import { chmod, lstat, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { type Entry, makeOrigin } from "./origin.ts";
import { cloneOf, expectFaithfulPatch } from "./patch-journey.ts";

/** Few names, so that edits meet: files where folders were, renames onto each other, attributes over content. */
const name = fc.constantFrom("a", "b", "c.txt", "d.bin", "é", "e\u0301", 'q"uo te', "\ttab", "-x", ".hidden");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const anyPath = fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: fc.constant(".gitattributes") });

const line = fc.constantFrom("one", "two", "", "\r", "three\r", "x".repeat(3_000), "--- a/x", "+++ b/x", "@@ -1 +1 @@");
const text = fc
  .record({ lines: fc.array(line, { maxLength: 12 }), end: fc.constantFrom("", "\n", "\r\n") })
  .map(({ lines, end }) => lines.join("\n") + end);
const attributes = fc.constantFrom("* -text\n", "*.bin diff\n", "* binary\n", "* filter=x diff=x\n", "*.txt -diff\n");
const entry: fc.Arbitrary<Entry> = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 400 }),
  attributes,
  text.map((program) => ({ program })),
  fc.constantFrom("a", "../..", "/etc/passwd", "nowhere").map((link) => ({ link })),
);

type Edit =
  | { kind: "write"; path: string; entry: Entry }
  | { kind: "remove"; path: string }
  | { kind: "rename"; path: string; to: string }
  | { kind: "mode"; path: string; program: boolean };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), path: anyPath, entry }),
  fc.record({ kind: fc.constant("remove" as const), path }),
  fc.record({ kind: fc.constant("rename" as const), path, to: path }),
  fc.record({ kind: fc.constant("mode" as const), path, program: fc.boolean() }),
);

/** An edit that makes no sense on this tree (a path below a file, nothing there to rename) is left out. */
async function perform(root: string, edit: Edit) {
  const full = join(root, edit.path);
  try {
    if (edit.kind === "remove") await rm(full, { recursive: true });
    else if (edit.kind === "rename") {
      await mkdir(dirname(join(root, edit.to)), { recursive: true });
      await rename(full, join(root, edit.to));
    } else if (edit.kind === "mode") {
      if ((await lstat(full)).isFile()) await chmod(full, edit.program ? 0o755 : 0o644);
    } else await write(full, edit.entry);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

async function write(full: string, entry: Entry) {
  await mkdir(dirname(full), { recursive: true });
  await rm(full, { force: true });
  if (typeof entry === "string" || entry instanceof Uint8Array) await writeFile(full, entry);
  else if ("link" in entry) await symlink(entry.link, full);
  else await writeFile(full, entry.program, { mode: 0o755 });
}

/** What earlier seeds found. */
const FOUND: [{ path: string; entry: Entry }[], Edit[], Edit[]][] = [
  [
    [
      { path: "a", entry: "" },
      { path: "link", entry: { link: "../.." } },
    ],
    [
      { kind: "remove", path: "link" },
      { kind: "rename", path: "a", to: "link/a" },
      { kind: "write", path: ".hidden", entry: { link: "../.." } },
    ],
    [],
  ],
];

/** Other trees each time; CODY_SEED is what a failure prints, CODY_PATCH_RUNS=1000 looks longer. */
test(
  "whatever was edited, the patch gives exactly the work tree, and a second round's patch does too",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ path: anyPath, entry }), { maxLength: 12 }),
        fc.array(edit, { minLength: 1, maxLength: 10 }),
        fc.array(edit, { maxLength: 4 }),
        async (base, edits, later) => {
          const origin = await makeOrigin(async (root) => {
            for (const { path, entry } of base) await perform(root, { kind: "write", path, entry });
          });
          const work = await cloneOf(origin);
          for (const one of edits) await perform(work.tree, one);
          const first = await expectFaithfulPatch(origin, work);

          const refined = await cloneOf(origin);
          await applyPatch(refined, first.patch);
          for (const one of later) await perform(refined.tree, one);
          const second = await takePatch(refined);
          const publish = await cloneOf(origin, { checkout: false });
          expect((await applyPatch(publish, second.patch)).treeId).toBe(second.treeId);
        },
      ),
      {
        numRuns: Number(process.env.CODY_PATCH_RUNS ?? 5),
        ...(process.env.CODY_SEED && { seed: Number(process.env.CODY_SEED) }),
        examples: FOUND,
      },
    );
  },
  120_000 + Number(process.env.CODY_PATCH_RUNS ?? 0) * 2_000,
);
