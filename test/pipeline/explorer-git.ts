import { createHash } from "node:crypto";
import { keptOutputs } from "../../packages/agent/kept-outputs.ts";
import { TreeError } from "../../packages/agent/tree.ts";
import { RemoteTrouble } from "../../packages/jobs/errors.ts";
import type { CommandResult } from "../../packages/jobs/outcome.ts";
import type { BranchTree } from "../../packages/publish/branch-tree.ts";
import { noCommands } from "../../packages/sandbox/probe.ts";
import type { WorkTree } from "../../packages/work/work-tree.ts";
import type { TakenPatch } from "../../packages/workspace/patch.ts";
import { newWorkspace } from "../../packages/workspace/workspace.ts";
import type { Schedule } from "./explorer-schedule.ts";

/** New files only: that is all that the scripted model writes. */
type Files = Map<string, string>;
type Commit = { treeId: string; parents: readonly string[] };

export const BASE_COMMIT = "b".repeat(40);

const sha = (...parts: unknown[]) => createHash("sha1").update(JSON.stringify(parts)).digest("hex");
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const patchOf = (files: Files) =>
  [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([path, line]) =>
        `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`,
    )
    .join("");

const filesIn = (patch: Uint8Array): Files =>
  new Map([...textOf(patch).matchAll(/^\+\+\+ b\/(.*)\n@@ .*\n\+(.*)$/gm)].map(([, path, line]) => [path!, line!]));

const cut = (what: string) => new RemoteTrouble(`${what}: the connection was cut.`, { words: "cut", cause: undefined });

/** One repository's git in memory: what a clone, a patch, a commit and a push do to one another. */
export function memoryGit(schedule: Schedule) {
  const commits = new Map<string, Commit>();
  const trees = new Map<string, Files>();
  const branches = new Map<string, string>();
  const keep = (files: Files) => {
    const treeId = sha(patchOf(files));
    trees.set(treeId, new Map(files));
    return treeId;
  };
  commits.set(BASE_COMMIT, { treeId: keep(new Map()), parents: [] });

  /** A request to the server. Its answer may be lost, and then git says so. */
  const remote = <Result>(name: string, act: () => Result) =>
    schedule.effect(name, () => {
      const result = act();
      if (schedule.answerLost(name)) throw cut(name);
      return result;
    });

  const taken = (files: Files): TakenPatch => ({
    patch: Buffer.from(patchOf(files)),
    treeId: keep(files),
    files: files.size,
    additions: files.size,
    deletions: 0,
    paths: [...files.keys()],
  });

  async function openWorkTree(): Promise<WorkTree> {
    await remote("clone", () => {});
    const files: Files = new Map();
    const at = { folder: "/nowhere", baseCommit: BASE_COMMIT, sandbox: noCommands(), checkedOut: false };
    const { marks, nestedRepositories, removedPrograms } = newWorkspace(at);
    let changed = false;
    let untouched = true;
    const status = async () => [...files.keys()].map((path) => `A  ${path}`).join("\n");
    const unused = async () => {
      throw new Error("The scripted conversation does not use this.");
    };
    return {
      list: async () => [],
      read: async (path) => {
        const line = files.get(path);
        if (line === undefined) throw new TreeError(`There is no ${path}.`, "missing");
        return Buffer.from(`${line}\n`);
      },
      search: unused,
      status,
      diff: async () => patchOf(files),
      outputs: keptOutputs(),
      changedPaths: async () => [...files.keys()],
      base: { files: async () => [], read: async () => undefined },
      treeId: async () => sha(patchOf(files)),
      async change(changes) {
        changed = true;
        untouched = false;
        for (const change of changes)
          if (change.kind === "write") files.set(change.path, textOf(change.bytes).trim());
          else if (change.kind === "remove") files.delete(change.path);
          else await unused();
        return { remarks: [], respelled: [], executable: [] };
      },
      marks,
      nestedRepositories,
      removedPrograms,
      removedProgramsToKeep: async () => [],
      async apply(patch) {
        untouched = false;
        files.clear();
        for (const [path, line] of filesIn(patch)) files.set(path, line);
        return { treeId: keep(files) };
      },
      baseHolds: async () => false,
      touched: () => {},
      isUntouched: () => untouched,
      setUp: async (run) => ({ result: await run(), putBack: [] }),
      checked: (run) => run(),
      patch: async () => taken(files),
      writtenAndGone: async () => [],
      async snapshotIfChanged() {
        if (!changed) return undefined;
        changed = false;
        return taken(files).patch;
      },
      command: ({ command }) => schedule.effect("command", () => passed(command)),
      toolchains: async () => [],
      reread: async (patch) => taken(filesIn(patch)),
    };
  }

  async function openBranchTree(baseCommit: string): Promise<BranchTree> {
    await remote("clone", () => {});
    const known = new Set([baseCommit]);
    return {
      apply: async (patch) => ({ treeId: keep(filesIn(patch)) }),
      changes: async (treeId) => ({
        treeId,
        changes: [...trees.get(treeId)!.keys()].map((path) => ({
          path,
          bytes: path,
          oldMode: "000000",
          newMode: "100644",
          newId: sha(path),
        })) as never,
        notes: [],
        leftOut: [],
      }),
      baseHolds: async () => false,
      fetch: (commit) => remote("fetch", () => void known.add(commit)),
      treeOf: async (commit) => commits.get(commit)!.treeId,
      commit: (request) =>
        schedule.effect("commit", () => {
          const missing = request.parents.find((parent) => !known.has(parent));
          if (missing) throw new Error(`${missing} was not fetched.`);
          const id = sha(request);
          commits.set(id, { treeId: request.treeId, parents: request.parents });
          return id;
        }),
      freeBranch: ({ branch }) => remote("list branches", () => branch),
      push: ({ branch, commit, expect }) =>
        remote("push", () => {
          const there = branches.get(branch);
          if (there === commit) return "same";
          if (there !== (expect === "absent" ? undefined : expect)) return "moved";
          if (there && !commits.get(commit)!.parents.includes(there)) throw new Error(`${commit} is no step forward.`);
          branches.set(branch, commit);
          return "created";
        }),
    };
  }

  return {
    branches,
    openWorkTree,
    openBranchTree,
    /** What a commit holds. */
    filesOf: (commit: string) => trees.get(commits.get(commit)!.treeId)!,
  };
}

const passed = (command: string): CommandResult => ({
  command,
  exitCode: 0,
  timedOut: false,
  durationMs: 1,
  tail: "",
});
