import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { type AgentEnding, stoppedBy } from "../../packages/agent/endings.ts";
import type { LimitName } from "../../packages/agent/limits.ts";
import { systemClock } from "../../packages/clock/clock.ts";
import type { Reason } from "../../packages/jobs/reasons.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { patchKey } from "../../packages/store/keys.ts";
import { watchForCancel } from "../../packages/work/cancel-watch.ts";
import { conclusionOf, outcomeWithoutAgent } from "../../packages/work/outcome-of.ts";
import { type SettledPatch, settlePatch } from "../../packages/work/patch-of.ts";
import { workTreeOf } from "../../packages/work/work-tree.ts";
import { AT, aRun, aVerdict } from "../builders.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { turn } from "../transcript/stage.ts";
import { type Files, git, makeOrigin } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";

const REF = { jobId: "j0123456789abcdef", repository: "acme/orders", round: 1 };
const OWN = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
const pointer = (size: number) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${"1".repeat(64)}\nsize ${size}\n`;
const BASE: Files = {
  "a.txt": "one\n",
  ".gitattributes": "*.bin filter=lfs -text\nkeys/* filter=git-crypt\n*.ipynb filter=nbstripout\n",
  "big.bin": pointer(5),
};

/** `library` is a submodule. */
async function originWithSubmodule() {
  const origin = await makeOrigin(BASE);
  git(origin.source, ["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},library`]);
  git(origin.source, ["commit", "-q", "-m", "A submodule"]);
  return { ...origin, commit: git(origin.source, ["rev-parse", "HEAD"]).toString().trim() };
}

async function settled(files: Files, made = makeOrigin(BASE)) {
  const { records, keys } = memoryRecords();
  const origin = await made;
  const workspace = await cloneOf(origin);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(workspace.tree, path)), { recursive: true });
    await writeFile(join(workspace.tree, path), content as string);
  }
  const tree = workTreeOf(workspace, {
    remote: { url: origin.url, token: "" },
    folder: workspace.folder,
    redactor: createRedactor([]),
    commandTimeoutMs: 1_000,
  });
  return {
    patch: await settlePatch(REF, { tree }, { records, secrets: [OWN] }),
    keys: keys(),
  };
}

describe("what becomes of a changed tree", () => {
  const trees: [string, Files, SettledPatch["kind"], string | undefined][] = [
    ["a change is stored", { "a.txt": "two\n" }, "stored", undefined],
    ["nothing is nothing", { "a.txt": "one\n" }, "none", undefined],
    ["a workflow may only become a patch", { ".github/workflows/ci.yml": "on: push\n" }, "stored", "protected-path"],
    ["so may owners", { CODEOWNERS: "* @me\n" }, "stored", "protected-path"],
    ["a foreign secret is held back as a patch", { "k.pem": pem() }, "stored", "secret"],
    ["a secret of ours leaves in no way", { "a.txt": `token=${OWN}\n` }, "refused", "own-secret"],
    [
      "a name that cannot be checked out costs no other file",
      { ".GIT/x": "x", "a.txt": "two\n" },
      "stored",
      "tree-unreadable",
    ],
    ["alone it is no change, and said", { ".GIT/x": "x" }, "refused", "tree-unreadable"],
    ["an LFS pointer stays a pointer", { "big.bin": pointer(7) }, "stored", undefined],
    ["raw content in place of a pointer is for a clone with LFS", { "big.bin": "raw" }, "stored", "lfs-content"],
    ["so is a new file that belongs there", { "more/new.bin": "raw", "a.txt": "two\n" }, "stored", "lfs-content"],
    ["so is what git-crypt would encrypt", { "keys/a": "in the clear" }, "stored", "filtered-content"],
    ["a filter that only tidies up is none of this", { "a.ipynb": "{}\n" }, "stored", undefined],
  ];
  it.each(trees)("%s", async (_, files, kind, code) => {
    const { patch, keys } = await settled(files);
    expect(patch.kind).toBe(kind);
    const reason = patch.kind === "stored" ? patch.patchOnly : patch.kind === "refused" ? patch.reason : undefined;
    expect(reason?.code).toBe(code);
    if (reason) for (const line of [reason.message, reason.nextStep]) expect(line).toMatch(/\w.*[.!]$/);
    expect(keys).toEqual(kind === "stored" ? [patchKey(REF)] : []);
  });
});

it("a submodule that is touched is named, before what a consent would change", async () => {
  const { patch } = await settled({ "library/x": "1\n", CODEOWNERS: "* @me\n" }, originWithSubmodule());
  expect(patch).toMatchObject({
    patchOnly: { code: "submodule-changed", message: expect.stringMatching(/^library is a submodule/) },
  });
});

describe("how a run ends is read off the loop's ending and the tree: each in a state of its own", () => {
  const verdict = (wereChangesNecessary: boolean): AgentEnding => ({
    kind: "verdict",
    verdict: aVerdict({ wereChangesNecessary }),
  });
  const blocked = (kind: "verdict" | "limit"): AgentEnding => {
    const report = aVerdict({ wereChangesNecessary: true, blockedBy: "A network." });
    return kind === "limit" ? stoppedBy("turns", report) : { kind, verdict: report };
  };
  const reason: Reason = { code: "because", message: "It is so.", nextStep: "Do this." };
  const none: SettledPatch = { kind: "none" };
  const refused: SettledPatch = { kind: "refused", reason };
  const facts = { key: "k", bytes: 1, treeId: "0".repeat(40), files: 1, additions: 1, deletions: 0 };
  const stored: SettledPatch = { kind: "stored", facts };
  const limit = (which: LimitName): [string, AgentEnding, SettledPatch, string, string] => {
    const ending = stoppedBy(which);
    return [
      `the limit of ${which}: partial, the patch is kept`,
      ending,
      stored,
      "partial",
      "reason" in ending ? ending.reason.code : "",
    ];
  };
  const rows: [string, AgentEnding, SettledPatch, string, string | undefined][] = [
    ["changes that are there", verdict(true), stored, "changed", undefined],
    ["no change", verdict(false), none, "unchanged", undefined],
    ["no change, with the patch of an earlier round in the tree", verdict(false), stored, "unchanged", undefined],
    ["what is missing", blocked("verdict"), stored, "blocked", "blocked"],
    ["what is missing, said in the last turn", blocked("limit"), none, "blocked", "blocked"],
    ["changes that must not leave", verdict(true), refused, "failed", "because"],
    ...(["dollars", "seconds", "turns", "context", "stuck"] as const).map(limit),
    ["a limit before anything was done", stoppedBy("seconds"), none, "partial", "time"],
    ["a limit with a change that must not leave", stoppedBy("dollars"), refused, "failed", "because"],
    ["a cancel keeps the patch", { kind: "cancelled" }, stored, "cancelled", undefined],
    ["a refusal", { kind: "refused", category: "cyber", reason }, none, "failed", "because"],
    ["a failure", { kind: "failed", reason }, stored, "failed", "because"],
  ];
  it.each(rows)("%s", (_, ending, patch, ended, code) => {
    const conclusion = conclusionOf(ending, patch);
    expect([conclusion.ending, conclusion.reason?.code]).toEqual([ended, code]);
  });

  it("no two limits read alike, and each says what to do next", () => {
    const limits = (["dollars", "seconds", "turns", "context", "stuck"] as const).map((which) => stoppedBy(which));
    const lines = limits.map((ending) => ("reason" in ending ? ending.reason : reason));
    expect(new Set(lines.map(({ message }) => message)).size).toBe(limits.length);
    for (const { message, nextStep } of lines) expect(`${message} ${nextStep}`).toMatch(/^\w.*\. \w.*\.$/);
  });
});

/** Made up here, so that no scanner of this repository finds a key in it. */
function pem() {
  const body = Array.from({ length: 12 }, (_, i) => String.fromCharCode(65 + i).repeat(64)).join("\n");
  return `${["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ")}\n${body}\n${["-----END RSA", "PRIVATE KEY-----\n"].join(" ")}`;
}

test.each([
  ["of its round, or of a later one", 2, true],
  ["of an earlier round does not", 1, false],
])("a cancel %s ends a run that works", async (_, round, ends) => {
  let look: () => unknown = () => {};
  const every = (_ms: number, then: () => unknown) => {
    look = then;
    return { [Symbol.dispose]: () => {} };
  };
  const jobs = { readCancels: async () => ({ cancel: { "*": { by: "U1", at: AT, round } } }) };
  using watch = watchForCancel({ ...REF, round: 2 }, { jobs, clock: { ...systemClock, every } });
  await look();
  expect(watch.signal.aborted).toBe(ends);
});

describe("a run that ends before its agent can begin", () => {
  it("keeps what was paid, and counts a request that was out as lost only where no turn of it is stored", () => {
    const lease = { ...REF, attempt: 2, startedAt: AT };
    const run = aRun({ asking: { turn: 1, usd: 0.02 } });
    const totals = (...turns: Parameters<typeof outcomeWithoutAgent>[2]) =>
      outcomeWithoutAgent(lease, run, turns, { ending: "cancelled" }, new Date(AT)).totals;
    expect(totals()).toMatchObject({ turns: 0, lost: { turns: 1, usd: 0.02 } });
    const stored = turn(1, [], []);
    expect(totals(stored)).toMatchObject({ turns: 1, usage: stored.usage, spendUsd: stored.costUsd });
    expect(totals(stored)).not.toHaveProperty("lost");
  });
});
