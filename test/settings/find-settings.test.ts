import { randomUUID } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { baseFiles } from "../../packages/github/base-files.ts";
import { findSettings } from "../../packages/settings/find-settings.ts";
import { git, gitOverHttp, scratchFolder, testForge, urlWith } from "../stand-ins/forge-fixture.ts";

type Forge = Awaited<ReturnType<typeof testForge>>;

/** Pushes another commit to acme/app, made by `write` in its tree; gives its id. */
async function pushed(forge: Forge, write: (tree: string) => void): Promise<string> {
  const tree = join(scratchFolder(), "app");
  await gitOverHttp(".", "clone", "-q", urlWith(forge, forge.writeToken, "acme/app"), tree);
  write(tree);
  git(tree, "add", "-A");
  git(tree, "commit", "-qm", "More");
  await gitOverHttp(tree, "push", "-q", "origin", `HEAD:refs/heads/${randomUUID()}`);
  return git(tree, "rev-parse", "HEAD");
}

describe("what a commit says about how to work on it", () => {
  it("is read through the API at that very commit, whatever came after it", async () => {
    const forge = await testForge();
    await forge.admin.addRepository({
      name: "acme/app",
      from: {
        commits: [
          {
            message: "Start\n",
            date: "2022-01-01T00:00:00Z",
            files: { ".cody.yml": "check: make lint\nlimits: {turns: 9}\n", "src/App.sln": "a.csproj" },
          },
        ],
      },
    });
    const first = (await forge.reader.rest.repos.getBranch({ owner: "acme", repo: "app", branch: "main" })).data.commit
      .sha;
    const at = (commit: string) => findSettings(baseFiles(forge.reader, "acme/app", commit));
    const expected = {
      file: { check: "make lint", limits: { turns: 9 } },
      suggested: { check: { command: "cd src && dotnet test App.sln", from: "src/App.sln" } },
    };
    expect(await at(first)).toMatchObject(expected);

    const write = (tree: string, bytes: string | Uint8Array) => writeFileSync(join(tree, ".cody.yml"), bytes);
    const cases: [RegExp, (tree: string) => void][] = [
      [/line 2: "image" is nothing/, (tree) => write(tree, "check: x\nimage: y\n")],
      [/1,048,577 bytes/, (tree) => write(tree, "#".repeat(1_048_577))],
      [/no text in UTF-8/, (tree) => write(tree, Buffer.from("\ufeffcheck: x", "utf16le"))],
      [
        /It is a link, no file/,
        (tree) => {
          git(tree, "rm", "-q", "--cached", ".cody.yml");
          git(tree, "clean", "-qfdx");
          symlinkSync("/etc/passwd", join(tree, ".cody.yml"));
        },
      ],
    ];
    for (const [says, make] of cases) {
      const { file, note } = await at(await pushed(forge, make));
      expect([file, note]).toEqual([undefined, expect.stringMatching(says)]);
    }
    expect(await at(first)).toMatchObject(expected);

    forge.admin.plan({ kind: "status", status: 404, path: /\/git\/blobs\// });
    await expect(at(first)).rejects.toThrow();
  });
});

describe("a name of the settings that is no file of settings", () => {
  type Entry = Awaited<ReturnType<Parameters<typeof findSettings>[0]["list"]>>[number];
  const entry = (name: string, kind: Entry["kind"], text = ""): Entry => ({
    name,
    kind,
    sha: text,
    bytes: text.length,
  });
  const read: string[] = [];
  const found = (...entries: Entry[]) =>
    findSettings({
      list: async () => entries,
      async read(sha) {
        read.push(sha);
        return new TextEncoder().encode(sha);
      },
    });

  it.each([
    ["folder", "It is a folder, no file. It is left out."],
    ["submodule", "It is a submodule, no file. It is left out."],
    ["link", "It is a link, no file. It is left out."],
  ] as const)("a %s is not followed", async (kind, says) => {
    expect(await found(entry(".cody.yml", kind, "../secret"))).toEqual({ note: `.cody.yml: ${says}`, suggested: {} });
    expect(read).toEqual([]);
  });

  it("of two only the first counts, and a second cannot make up for it", async () => {
    const both = [entry(".cody.yaml", "file", "check: second"), entry(".cody.yml", "file", "image: x")];
    expect(await found(...both)).toEqual({
      note: expect.stringMatching(/^\.cody\.yml, line 1: "image"/),
      suggested: {},
    });
    expect(await found(both[0]!, entry(".cody.yml", "folder"))).toMatchObject({
      note: expect.stringContaining("folder"),
    });
    expect(read).not.toContain("check: second");
  });

  it("what only looks alike is not even read", async () => {
    const names = [
      ".Cody.yml",
      ".CODY.YML",
      ".cody.yml ",
      ".cody\u200b.yml",
      "\uff0ecody.yml",
      ".cody.yml.bak",
      "cody.yml",
    ];
    expect(await found(...names.map((name) => entry(name, "file", "image: x")))).toEqual({ suggested: {} });
    expect(read).not.toContain("check: x");
  });

  it("a file that says a size other than it has is measured again", async () => {
    const { note } = await found({ ...entry(".cody.yml", "file", "#".repeat(20_000)), bytes: 10 });
    expect(note).toMatch(/^\.cody\.yml: It has 20,000 bytes; at most 16,384 are read\. The file is left out\.$/);
  });

  it.each([
    ["gradle", ["gradle-wrapper.jar", "gradle-wrapper.properties"], "./gradlew --no-daemon -q test"],
    ["gradle", ["gradle-wrapper.properties"], undefined],
    ["src", ["gradle-wrapper.jar", "gradle-wrapper.properties"], undefined],
  ])("a wrapper is suggested with what it starts only: %s holds %j", async (folder, files, check) => {
    const folders: Record<string, Entry[]> = {
      root: [entry("build.gradle", "file"), entry("gradlew", "program"), entry(folder, "folder", "below")],
      below: [entry("wrapper", "folder", "wrapper")],
      wrapper: files.map((name) => entry(name, "file", "x")),
    };
    const { suggested } = await findSettings({
      list: async (sha = "root") => folders[sha]!,
      read: async () => new Uint8Array(),
    });
    expect(suggested?.check?.command).toBe(check);
  });
});
