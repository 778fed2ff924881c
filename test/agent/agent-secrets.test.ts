import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readGuidance } from "../../packages/agent/guidance.ts";
import { runCall } from "../../packages/agent/run-call.ts";
import { shownTree } from "../../packages/agent/shown-tree.ts";
import { createTools } from "../../packages/agent/tools/create-tools.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { type FolderTree, folderTree } from "./folder-tree.ts";

// Made here, so that no scanner of this repository finds a secret in it.
const noise = (chars: number, seed: string) =>
  [0, 1]
    .map((i) =>
      createHash("sha512")
        .update(seed + i)
        .digest("hex"),
    )
    .join("")
    .slice(0, chars);
const KEY = `sk-ant-api03-${noise(45, "key")}`;
const AWS = `AKIA${"QWERTYUIOPASDFGH"}`;
const BODY = [0, 1, 2, 3, 4, 5].map((line) => noise(64, `pem${line}`));
const PEM = [`-----BEGIN RSA ${"PRIVATE"} KEY-----`, ...BODY, `-----END RSA ${"PRIVATE"} KEY-----`, ""].join("\n");
const FILES = {
  "key.pem": PEM,
  "settings.py": `AWS_KEY = "${AWS}"\nREGION = "eu"\n`,
  "docs/log.md": "Keys look like [redacted AWS key id] in the log.\n",
  "latin1.txt": Buffer.from(`caf\xe9 ${KEY}\n`, "latin1"),
  "long.txt": `${"x".repeat(1_980)}${KEY}\n`,
  "wide.txt": Buffer.from(`\ufeff${"é".repeat(1_980)}${KEY}\n${PEM}`, "utf16le"),
  "big.txt": `${"filler line\n".repeat(100_000)}${"y".repeat(5_000)} marked ${"x".repeat(130)}${KEY}${"z".repeat(5_000)}\n${PEM}`,
  "one-line.json": `{"a":"${"b".repeat(1_200_000)}","key":"${KEY}","marked":"here","aws":"${AWS}","c":"${"d".repeat(90_000)}"}`,
  "near.txt": `${"likely words ".repeat(20)}${"x".repeat(20)}${KEY}\n`,
};

/** Emoji that a cut at any place, odd or even, would divide. */
const emoji = (shift: number) => "a".repeat(shift) + "😀".repeat(2_000);

describe("what the model reads is cut between characters", () => {
  let tree: FolderTree;
  beforeAll(async () => {
    const files = Object.fromEntries([0, 1].map((shift) => [`${shift}.txt`, `${emoji(shift)} needle\n`]));
    const long = emoji(1).repeat(3);
    tree = await folderTree({ ...files, "AGENTS.md": long, "CONTRIBUTING.md": `b${long}` }, { commands: true });
  });

  it.each([
    ["read_file", (n: number) => ({ path: `${n}.txt` })],
    ["search", (n: number) => ({ pattern: "needle", glob: `${n}.txt` })],
    ["run_command", (n: number) => ({ command: `for i in 1 2 3 4 5 6 7 8 9; do cat ${n}.txt; done` })],
    ["run_command", (n: number) => ({ command: `for i in 1 2 3 4 5 6 7 8 9; do tr -d '\\n' < ${n}.txt; done` })],
    ["edit_file", (n: number) => ({ path: `${n}.txt`, old_text: `${emoji(n)}x`, new_text: "y" })],
  ])("%s", async (name, input) => {
    const tool = createTools(tree).find((one) => one.name === name)!;
    for (const shift of [0, 1]) {
      const { text } = await runCall({ tree }, tool, input(shift), undefined);
      expect(text).toContain("😀");
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain("\ufffd");
    }
  });

  it("guidance", async () => {
    const guidance = await readGuidance(tree, (text) => text);
    expect(guidance.map(({ path }) => path)).toEqual(["AGENTS.md", "CONTRIBUTING.md"]);
    for (const { text } of guidance) {
      expect(text).toContain("[cut here");
      expect(text.isWellFormed()).toBe(true);
    }
  });
});

describe("what the model sees and writes where a file holds a secret", () => {
  const { redact } = createRedactor([KEY]);
  let tree: FolderTree;
  beforeAll(async () => {
    tree = await folderTree(FILES, { commands: true });
  });
  const call = (name: string, input: Record<string, unknown>) =>
    runCall({ tree, redact }, createTools(tree).find((tool) => tool.name === name)!, input, undefined);
  const contentOf = (path: string) => readFile(join(tree.folder, path), "latin1");
  const holdsNone = (text: string) => {
    for (const secret of [...BODY, KEY, AWS]) {
      expect(text).not.toContain(secret.slice(0, 20));
      expect(text).not.toContain(secret.slice(-20));
    }
  };

  it("a private key is redacted before its lines are numbered, whole or in part", async () => {
    const { text } = await call("read_file", { path: "key.pem" });
    expect(text.split("\n")).toEqual(
      PEM.trimEnd()
        .split("\n")
        .map((_, i) => `${String(i + 1).padStart(5)}\t[redacted private key]`),
    );
    const { text: part } = await call("read_file", { path: "key.pem", from_line: 3, to_line: 4 });
    expect(part).toMatch(/^ {4}3\t\[redacted private key\]\n {4}4\t\[redacted private key\]/);
    holdsNone((await call("search", { pattern: BODY[2]!.slice(10, 25) })).text);
  });

  it("a secret across the place where an answer is cut is gone whole", async () => {
    holdsNone((await call("read_file", { path: "long.txt" })).text);
    const { text: wide } = await call("read_file", { path: "wide.txt" });
    expect(wide).toContain("utf-16le");
    holdsNone(wide);
    holdsNone((await call("search", { pattern: "éé", glob: "wide.txt" })).text);
    const { text: near } = await call("edit_file", {
      path: "near.txt",
      old_text: `${"likely words ".repeat(21)}`,
      new_text: "",
    });
    expect(near).toContain("The nearest lines are:");
    holdsNone(near);
    const command = `printf 'x%.0s' $(seq 7985); printf '%s' '${KEY}'; printf 'y%.0s' $(seq 20000)`;
    const { text } = await call("run_command", { command });
    expect(text).toContain("characters left out");
    holdsNone(text);
    const tail = `printf 'x%.0s' $(seq 20000); printf '%s' '${KEY}'; printf 'y%.0s' $(seq 7970)`;
    holdsNone((await call("run_command", { command: tail })).text);
  });

  it("also in a file that is too large to be looked at whole, where a match is cut out of its line", async () => {
    const { text: beside } = await call("search", { pattern: "marked", glob: "big.txt" });
    expect(beside).toMatch(/big\.txt:100001: \[around column 5,002\] .*y marked x{130}\[redacted\]z+$/);
    holdsNone(beside);
    const { text: inKey } = await call("search", { pattern: BODY[2]!.slice(10, 25), glob: "big.txt" });
    expect(inKey).toBe("big.txt:100005: [redacted private key]");
    const { text: between } = await call("search", { pattern: "marked", glob: "one-line.json" });
    expect(between).toMatch(/"key":"\[redacted\]","marked":"here","aws":"\[redacted AWS key id\]"/);
    holdsNone(between);
    const { text: inSecret } = await call("search", { pattern: KEY.slice(20, 40), glob: "*" });
    expect(inSecret.split("\n").filter((line) => line.includes("[redacted]")).length).toBeGreaterThan(3);
    holdsNone(inSecret);
  });

  it("fifty matches far apart in a large file, each with what stands around it", async () => {
    const block = `${"some words of a log 123\n".repeat(3_000)}marked ${"x".repeat(250)}${KEY}\n`;
    const large = await folderTree({ "large.log": block.repeat(50) });
    const found = await shownTree(large, redact).search({
      pattern: "marked",
      literal: true,
      ignoreCase: false,
      globs: [],
      maxMatches: 50,
      timeoutMs: 20_000,
    });
    expect(found.matches).toHaveLength(50);
    holdsNone(JSON.stringify(found.matches));
  });

  it("every other byte of a file is shown as it is", async () => {
    const shown = await shownTree(tree, redact).read("latin1.txt");
    expect(Buffer.from(shown).toString("latin1")).toBe("caf\xe9 [redacted]\n");
    holdsNone((await call("search", { pattern: "AWS_KEY" })).text);
    expect((await call("search", { pattern: "REGION" })).text).toContain('settings.py:2: REGION = "eu"');
  });

  it("what it was shown in place of a secret cannot be written back; another line can be edited", async () => {
    const redacted = 'AWS_KEY = "[redacted AWS key id]"\n';
    const refusals = [
      ["write_file", { path: "settings.py", content: `${redacted}REGION = "us"\n` }],
      ["edit_file", { path: "settings.py", old_text: 'REGION = "eu"', new_text: `REGION = "us"\n${redacted}` }],
      ["edit_file", { path: "settings.py", old_text: `${redacted}REGION = "eu"`, new_text: 'REGION = "us"' }],
      ["edit_file", { path: "settings.py", edits: [{ old_text: "eu", new_text: redacted }] }],
      ["write_file", { path: "new.py", content: "TOKEN = '[redacted npm token]'\n" }],
    ] as const;
    for (const [name, input] of refusals) {
      const { text, isError } = await call(name, input);
      expect({ text, isError }).toEqual({
        isError: true,
        text: expect.stringMatching(
          /^Nothing was written: \[redacted .*\] is what Cody shows in place of a secret.*edit_file.*leave that line out/,
        ),
      });
    }
    expect(await contentOf("settings.py")).toBe(FILES["settings.py"]);
    await call("edit_file", { path: "settings.py", old_text: 'REGION = "eu"', new_text: 'REGION = "us"' });
    expect(await contentOf("settings.py")).toBe(`AWS_KEY = "${AWS}"\nREGION = "us"\n`);
  });

  it("a file that holds such words may keep them, and a new one may take them over", async () => {
    const words = "The log shows [redacted AWS key id].\n";
    for (const path of ["docs/log.md", "docs/new.md"]) {
      expect(await call("write_file", { path, content: words })).toMatchObject({ isError: false });
      expect(await contentOf(path)).toBe(words);
    }
  });
});
