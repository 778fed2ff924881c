import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { openToAll } from "../../packages/sandbox/own-uid.ts";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import type { Sandbox, SandboxMode } from "../../packages/sandbox/sandbox.ts";
import { findToolchains } from "../../packages/sandbox/toolchains/find.ts";
import { placeToolchains } from "../../packages/sandbox/toolchains/placed.ts";
import { hasPython } from "../../packages/sandbox/toolchains/python.ts";
import { SYSTEM_PATH } from "../../packages/sandbox/toolchains/toolchains.ts";
import { scratchFolder } from "../workspace/origin.ts";

const SYSTEM = SYSTEM_PATH.split(":");
const CANARY = "canary-of-a-home";

/** Programs say their own path. */
const TOOLS = [
  ".pyenv/versions/3.9.1/bin/tool-pyenv",
  ".pyenv/versions/3.12.4/bin/tool-pyenv",
  ".pyenv/shims/tool-pyenv",
  ".rustup/toolchains/stable-x86_64/bin/tool-cargo",
  ".cargo/bin/tool-cargo",
  ".nvm/versions/node/v22.1.0/bin/tool-node",
  ".nvm/versions/node/v9.0.0/bin/tool-node",
  ".sdkman/candidates/java/21.0.1/bin/tool-java",
  ".asdf/installs/golang/1.22.0/bin/tool-go",
  ".asdf/installs/golang/1.9.0/bin/tool-go",
  ".local/share/mise/installs/just/1.2.3/tool-just",
  "go/bin/tool-lint",
  ".local/bin/uv",
  ".local/bin/deploy",
  "bin/mine",
];
const SECRETS = [
  ...[".ssh/id_ed25519", ".aws/credentials", ".npmrc", ".netrc", ".git-credentials", ".pypirc", ".yarnrc.yml"],
  ...[".m2/settings.xml", ".gradle/gradle.properties", ".cargo/credentials.toml", ".cargo/config.toml"],
  ...[".config/pip/pip.conf", ".config/pypoetry/auth.toml", ".docker/config.json", ".dotnet/corefx/keys/one.pfx"],
  ...[".local/share/keyrings/login", ".bash_history", "go/pkg/mod/private.go", ".sdkman/etc/config", ".asdf/token"],
  ...[".pyenv/plugins/token", ".nvm/token", ".local/share/mise/token", ".local/share/uv/credentials/one"],
];

function makeHome(home: string) {
  const write = (path: string, text: string, mode = 0o600) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode });
  };
  for (const path of TOOLS) write(path, '#!/bin/sh\necho "$0"\n', 0o755);
  write(".local/bin/deploy", `#!/bin/sh\necho ${CANARY}\n`, 0o755);
  for (const path of SECRETS) write(path, CANARY, 0o644);
  write(".pyenv/version", "3.9.1\n");
  write(".rustup/settings.toml", 'default_toolchain = "stable-x86_64"\n', 0o644);
  write(".tool-versions", "golang 1.9.0\n");
  symlinkSync("21.0.1", join(home, ".sdkman/candidates/java/current"));
}

describe("the toolchains of a machine", () => {
  let home: string;
  beforeAll(async () => {
    home = join(await scratchFolder(), "me");
    makeHome(home);
  });
  const find = (path: string[], more: Record<string, string> = {}, only?: string[]) =>
    findToolchains({ HOME: home, PATH: path.join(":"), ...more }, only);
  const inHome = (paths: readonly string[]) =>
    paths.filter((path) => path.startsWith(`${home}/`)).map((path) => path.slice(home.length + 1));

  test("PATH keeps its order, and a manager's shims give way to the programs that they stand for", () => {
    const { path } = find([`${home}/.pyenv/shims`, "/usr/bin", `${home}/.cargo/bin`]);
    expect(path.slice(0, 5)).toEqual([
      join(home, ".pyenv/versions/3.9.1/bin"),
      join(home, ".pyenv/versions/3.12.4/bin"),
      "/usr/bin",
      join(home, ".rustup/toolchains/stable-x86_64/bin"),
      join(home, ".cargo/bin"),
    ]);
  });

  test("what stands in its installer's place is found without PATH, behind the system's", () => {
    const { path, variables } = find(["/usr/bin"]);
    expect(path.indexOf("/sbin")).toBeLessThan(path.findIndex((one) => one.startsWith(home)));
    expect(inHome(path)).toEqual([
      ".pyenv/versions/3.9.1/bin",
      ".pyenv/versions/3.12.4/bin",
      ".asdf/installs/golang/1.9.0/bin",
      ".local/share/mise/installs/just/1.2.3",
      ".rustup/toolchains/stable-x86_64/bin",
      ".cargo/bin",
      ".nvm/versions/node/v22.1.0/bin",
      ".sdkman/candidates/java/current/bin",
      "go/bin",
      ".local/bin",
    ]);
    expect(variables).toEqual({ RUSTUP_HOME: join(home, ".rustup") });
  });

  test("a variable says where a manager is, and JAVA_HOME stays where commands see it", () => {
    const moved = { PYENV_ROOT: join(home, "elsewhere"), JAVA_HOME: join(home, ".sdkman/candidates/java/21.0.1") };
    const { path, variables } = find(["/usr/bin"], moved);
    expect(inHome(path)).not.toContain(".pyenv/versions/3.9.1/bin");
    expect(variables).toMatchObject({ JAVA_HOME: moved.JAVA_HOME });
    expect(find([], { JAVA_HOME: join(home, "jdk") }).variables).not.toHaveProperty("JAVA_HOME");
  });

  test("nothing else of a home is seen, and the log says what was left", () => {
    const path = [join(home, "bin"), home, dirname(home), "/", ".", "", "/mnt/c/Windows", "/x/node_modules/.bin"];
    const { shown, left } = find([...path, "/usr/bin"]);
    expect(inHome(left)).toEqual(["bin"]);
    expect(left).toContain(home);
    for (const secret of [...SECRETS, ".local/bin/deploy", "bin/mine"])
      expect(shown.filter((one) => `${home}/${secret}`.startsWith(one))).toEqual([]);
  });

  test("CODY_PATH is all there is, and may name what would not be taken", () => {
    const { path, shown } = find(["/usr/bin"], {}, ["/usr/bin", join(home, "bin")]);
    expect(path).toEqual(["/usr/bin", join(home, "bin")]);
    expect(inHome(shown)).toEqual(["bin"]);
  });

  test("a program in /usr/local/bin that is a link brings the place it leads to", async () => {
    const machine = await scratchFolder();
    for (const name of ["bin", "opt/gradle/bin", "opt/gradle/lib"]) mkdirSync(join(machine, name), { recursive: true });
    writeFileSync(join(machine, "opt/gradle/bin/gradle"), "", { mode: 0o755 });
    symlinkSync(join(machine, "opt/gradle/bin/gradle"), join(machine, "bin/gradle"));
    expect(find([join(machine, "bin")]).shown).toEqual(
      expect.arrayContaining([join(machine, "bin"), join(machine, "opt/gradle")]),
    );
  });

  test("at their own places, but not below a folder that commands write or that the sandbox has itself", () => {
    const bin = join(home, "bin");
    const place = (own: string[]) =>
      placeToolchains({ path: [...SYSTEM, bin], shown: [bin, "/nowhere/bin"], variables: {}, left: [] }, own);
    if (!home.startsWith("/dev/") && !home.startsWith("/tmp/")) expect(place([]).mounts[0]?.inside).toBe(bin);
    const { mounts, path, seenAs } = place([home]);
    expect(mounts).toEqual([{ path: bin, inside: "/opt/cody/tool0" }]);
    expect(path).toEqual([...SYSTEM, "/opt/cody/tool0"]);
    expect(seenAs(join(bin, "mine"))).toBe("/opt/cody/tool0/mine");
  });

  test("a user of its own sees only what every user can reach", () => {
    chmodSync(home, 0o700);
    const toolchains = openToAll(find(["/usr/bin"]));
    chmodSync(home, 0o755);
    expect(inHome([...toolchains.path, ...toolchains.shown])).toEqual([]);
    expect(inHome(toolchains.left)).toContain(".pyenv/versions");
    expect(toolchains.variables).toEqual({});
  });
});

const WHEEL = zipSync({
  "demo.py": strToU8('def main():\n    print("the package runs")\n'),
  "demo-1.0.dist-info/METADATA": strToU8("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"),
  "demo-1.0.dist-info/WHEEL": strToU8("Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
  "demo-1.0.dist-info/entry_points.txt": strToU8("[console_scripts]\ndemo = demo:main\n"),
  "demo-1.0.dist-info/RECORD": strToU8(""),
});

/** A person's home is in none of the folders that a sandbox has of its own; this checkout may be. */
function outsideTmp(): string {
  const folders = [join(import.meta.dirname, "../../node_modules"), "/srv", homedir()];
  return folders.find((folder) => {
    const isTmp = ["/tmp/", "/var/tmp/", "/dev/shm/"].some((tmp) => folder.startsWith(tmp));
    return !isTmp && existsSync(folder) && isWritable(folder);
  })!;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

describe.for(["bubblewrap", "namespaces", "unsafe"] satisfies SandboxMode[])(
  "commands with a person's toolchains, %s",
  (mode) => {
    const home = mkdtempSync(join(outsideTmp(), "cody-home-"));
    afterAll(() => rmSync(home, { recursive: true }));
    let sandbox: Sandbox;
    const folders = { current: foldersIn("") };
    beforeAll(async () => {
      chmodSync(home, 0o755);
      makeHome(home);
      const toolchains = findToolchains({ HOME: home, PATH: [`${home}/.pyenv/shims`, SYSTEM_PATH].join(":") });
      sandbox = await probeSandbox({ unsafe: true, modes: [mode], toolchains });
      folders.current = foldersIn(join(await scratchFolder(), "workspace"));
      await makeFolders(folders.current, sandbox.owner);
    });
    const run = (command: string) => sandbox.run(folders.current, { command, timeoutMs: 60_000, maxBytes: 64_000 });

    test("run them, by their own places", async ({ skip }) => {
      if (sandbox.mode !== mode) skip(`no ${mode} here`);
      const { output } = await run(
        "for tool in pyenv cargo node java go just lint; do tool-$tool; done; echo $RUSTUP_HOME",
      );
      const inside = output.trim().replaceAll(home, "~").split("\n");
      expect(inside).toEqual([
        "~/.pyenv/versions/3.9.1/bin/tool-pyenv",
        "~/.rustup/toolchains/stable-x86_64/bin/tool-cargo",
        "~/.nvm/versions/node/v22.1.0/bin/tool-node",
        "~/.sdkman/candidates/java/current/bin/tool-java",
        "~/.asdf/installs/golang/1.9.0/bin/tool-go",
        "~/.local/share/mise/installs/just/1.2.3/tool-just",
        "~/go/bin/tool-lint",
        "~/.rustup",
      ]);
    });

    test("see nothing else of the home, and write to none of it", async ({ skip }) => {
      if (mode === "unsafe" || sandbox.mode !== mode) skip("only a sandbox with mounts can promise it");
      const { output } = await run(`cd ${home}; cat ${SECRETS.join(" ")}; grep -rs ${CANARY} . /root /home; ls -A .;
      ls -A .cargo .pyenv .sdkman .local .local/bin .local/share; deploy; touch .pyenv/versions/x .new go/bin/x && echo wrote`);
      expect(output).not.toContain(CANARY);
      expect(output).not.toMatch(/^(wrote|version|shims|credentials|etc|deploy|keyrings)$/m);
      expect(output).toMatch(/^\.cargo$/m);
    });

    test.skipIf(!hasPython(SYSTEM))(
      "pip installs a package, and python finds it (needs python3 with pip)",
      async ({ skip }) => {
        if (sandbox.mode !== mode) skip(`no ${mode} here`);
        const { tree, home: own } = folders.current;
        writeFileSync(join(tree, "demo-1.0-py3-none-any.whl"), WHEEL);
        const before = await run('python -c "import sys; print(sys.prefix)"; echo "[$VIRTUAL_ENV]"');
        expect(before.output).toMatch(/^\/usr(\/local)?\n\[\]\n$/);
        const made = await run("pip install -q --no-index ./demo-1.0-py3-none-any.whl && demo");
        expect(made).toMatchObject({ exitCode: 0, output: "the package runs\n" });
        const after = await run(
          `python3 -c 'import demo, sys; print(sys.prefix)'; echo $VIRTUAL_ENV; python -m pip list 2>/dev/null | grep -c demo`,
        );
        const environment = `${mode === "unsafe" ? own : "/home/cody"}/.venv`;
        expect(after.output).toBe(`${environment}\n${environment}\n1\n`);
        const again = await run("pip install -q --no-index --force-reinstall --upgrade ./demo-1.0-py3-none-any.whl");
        expect(again.exitCode).toBe(0);
      },
    );
  },
);
