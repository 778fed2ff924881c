import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Builder, bubblewrap } from "../../packages/sandbox/bubblewrap.ts";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { launch, type Start } from "../../packages/sandbox/launch.ts";
import { COMMAND_LIMITS } from "../../packages/sandbox/limits.ts";
import { ENCLOSE } from "../../packages/sandbox/offered-modes.ts";
import { descendantsOf, listProcesses, sendTo } from "../../packages/sandbox/processes.ts";
import { SYSTEM_ALONE } from "../../packages/sandbox/toolchains/toolchains.ts";
import { scratchFolder } from "../workspace/origin.ts";
import { STAGES } from "./world.ts";

const source = readFileSync(ENCLOSE, "utf8");

/** What linux-libc-dev says; arm64 has the numbers that all new machines have. */
const HEADERS = { x64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", arm64: "/usr/include/asm-generic/unistd.h" };
const WITHOUT_PREFIX = /#define __NR(?:3264)?_(\w+) (\d+)/g;

test.skipIf(!Object.values(HEADERS).every(existsSync)).for(Object.entries(HEADERS))(
  "the numbers of system calls on %s are the kernel's (needs its headers)",
  ([architecture, header]) => {
    const [, table = ""] = new RegExp(`^ *${architecture} => \\{([^}]*)\\}`, "m").exec(source) ?? [];
    const known = new Map([...readFileSync(header, "utf8").matchAll(WITHOUT_PREFIX)].map(([, name, n]) => [name, n]));
    const ours = [...table.matchAll(/(\w+) => (\d+)/g)];
    expect(ours.length).toBeGreaterThan(10);
    for (const [, name, number] of ours) expect([name, known.get(name)]).toEqual([name, number]);
  },
);

const AS_A_PERSON = STAGES.some(({ mode, as }) => mode === "namespaces" && as !== undefined);
const PERSON = 23_457;
const CANARY = `canary-of-enclose-${process.pid}`;

describe.skipIf(!AS_A_PERSON)(
  "the program that makes namespaces, run by an ordinary user (needs root and perl)",
  () => {
    const folders = { at: foldersIn("/nowhere") };
    beforeAll(async () => {
      const folder = await scratchFolder();
      await chmod(folder, 0o755);
      folders.at = foldersIn(join(folder, "place"));
      await makeFolders(folders.at);
      for (const made of [folders.at.tree, folders.at.home, folders.at.tmp]) await chown(made, PERSON, PERSON);
    });

    function startOf(script: string, proc: Builder["proc"] = "own"): Start {
      const never = () => Promise.reject(new Error("nothing here has network"));
      const build = bubblewrap(
        {
          mode: "namespaces",
          argv: ["/usr/bin/perl", ENCLOSE, process.arch, String(process.pid)],
          prlimit: "prlimit",
          proc,
        },
        { toolchains: SYSTEM_ALONE, limits: COMMAND_LIMITS, proxies: { registries: never, any: never } },
      );
      const argv = ["/bin/sh", "-c", script];
      const env = { PATH: "/usr/bin:/bin", HOME: "/home/cody" };
      const command = { argv, env, withGitDir: false, network: "loopback", joined: true, cpuSeconds: 60 } as const;
      const start = build.enter(folders.at, command);
      const person = [`--reuid=${PERSON}`, `--regid=${PERSON}`, "--clear-groups", "--"];
      return { ...start, file: "setpriv", args: [...person, start.file, ...start.args] };
    }

    async function run(start: Start, onOutput?: (text: string, outer: number) => void) {
      let output = "";
      let outer = 0;
      const exit = await launch(start, {
        timeoutMs: 20_000,
        maxPrintedBytes: 1_000_000,
        onStdout(chunk) {
          output += chunk;
          onOutput?.(output, outer);
        },
        endAll: (pid) => sendTo(-pid, "SIGKILL"),
        watch: async (pid) => {
          outer = pid;
          return undefined;
        },
      });
      return { ...exit, output };
    }

    const mounts = () => readFileSync("/proc/self/mountinfo", "utf8").split("\n").length;
    const sleeping = (seconds: number) =>
      listProcesses().filter(({ pid }) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`sleep\0${seconds}`);
        } catch {
          return false;
        }
      });

    test("exit codes and signals come through, and nothing of it is left", async () => {
      const before = mounts();
      expect(await run(startOf("echo ran; exit 7"))).toMatchObject({ exitCode: 7, output: "ran\n", stderr: "" });
      expect(await run(startOf("kill -KILL $$"))).toMatchObject({ exitCode: 137, stderr: "" });
      expect(mounts()).toBe(before);
    });

    const without = (start: Start, ...words: string[]): Start => ({
      ...start,
      args: start.args.flatMap((word, i) =>
        words.includes(word) || words.includes(start.args[i - 1] ?? "") ? [] : [word],
      ),
    });
    const before = (start: Start, ...words: string[]): Start => {
      const at = start.args.indexOf("--remount-ro");
      return { ...start, args: start.args.toSpliced(at, 0, ...words) };
    };
    const WRONG: [title: string, change: (start: Start) => Start, says: RegExp][] = [
      [
        "an empty filter",
        (start) => ({ ...start, feeds: [new Uint8Array(), ...start.feeds!.slice(1)] }),
        /filter: it is empty or cut/,
      ],
      [
        "a cut filter",
        (start) => ({ ...start, feeds: [start.feeds![0]!.subarray(0, 12), ...start.feeds!.slice(1)] }),
        /filter: it is empty or cut/,
      ],
      [
        "a filter that is none",
        (start) => ({ ...start, feeds: [new Uint8Array(16).fill(255), ...start.feeds!.slice(1)] }),
        /filter: Invalid argument/,
      ],
      ["no filter", (start) => without(start, "--seccomp"), /there is no --seccomp/],
      ["an option it does not know", (start) => before(start, "--dev-bind", "/", "/"), /--dev-bind is not known/],
      [
        "a folder that is not there",
        (start) => before(start, "--bind", "/nowhere/at/all", "/x"),
        /find \/nowhere\/at\/all: No such file/,
      ],
      [
        "a mount below a folder of commands",
        (start) => before(start, "--ro-bind", "/usr", "/tmp/usr"),
        /it is below \/tmp/,
      ],
      ["a mount through a link", (start) => before(start, "--ro-bind", "/usr", "/var/tmp/usr"), /is a link/],
      ["a mount outside", (start) => before(start, "--ro-bind", "/usr", "/../usr"), /no plain path/],
      [
        "a machine it does not know",
        (start) => ({ ...start, args: start.args.map((word) => (word === process.arch ? "riscv64" : word)) }),
        /riscv64 is not known/,
      ],
      [
        "a parent that is gone",
        (start) => ({ ...start, args: start.args.map((word) => (word === String(process.pid) ? "1" : word)) }),
        /^$/,
      ],
    ];
    test.for(WRONG)("does not start the program with %s", async ([, change, says]) => {
      const { exitCode, output, stderr } = await run(change(startOf("echo it ran")));
      expect({ exitCode, output }).toEqual({ exitCode: 1, output: "" });
      expect(stderr).toMatch(says);
      if (stderr) expect(stderr).toMatch(/^(namespaces: [^\n]+\n){1,2}$/);
    });

    /** Each system call in turn is one that this kernel does not have, as an older one, or a container's filter. */
    const CALLS = [...(/^ *x64 => \{([^}]*)\}/m.exec(source)?.[1] ?? "").matchAll(/(\w+) => \d+/g)].map(
      ([, name]) => name!,
    );
    test("does not start the program where any of its system calls fails, and nothing is left of the steps before", async () => {
      expect(CALLS.length).toBeGreaterThan(10);
      const before = mounts();
      const ended = await Promise.all(
        CALLS.map(async (name) => {
          const without = join(dirname(folders.at.folder), `without-${name}.pl`);
          await writeFile(without, source.replaceAll(new RegExp(`\\b${name} => \\d+`, "g"), `${name} => 9999`));
          const start = startOf("echo it ran; sleep 6546");
          return {
            name,
            ...(await run({ ...start, args: start.args.map((word) => (word === ENCLOSE ? without : word)) })),
          };
        }),
      );
      for (const { name, exitCode, output, stderr } of ended)
        expect([name, exitCode, output, stderr]).toEqual([
          ...[name, 1, "", expect.stringMatching(/^(namespaces: [^\n]+: Function not implemented\n){1,2}$/)],
        ]);
      expect(sleeping(6546)).toEqual([]);
      expect(mounts()).toBe(before);
    });

    test("groups that its user has besides lead to no file, and no input, terminal or word of the machine is seen", async () => {
      const start = startOf(
        `readlink /proc/self/fd/0; tty; cat ${folders.at.folder}/of-a-group /proc/1/environ /proc/1/maps; (: <>/proc/1/mem); ls /proc/1/fd /proc/1/root/
        readlink /proc/1/exe /proc/1/cwd; cat /proc/self/uid_map /proc/self/gid_map; echo 0 0 1 2>&1 > /proc/self/uid_map; hostname; id -u`,
      );
      await writeFile(join(folders.at.folder, "of-a-group"), CANARY, { mode: 0o640 });
      await chown(join(folders.at.folder, "of-a-group"), 0, PERSON + 1);
      const args = start.args.map((word) => (word === "--clear-groups" ? `--groups=${PERSON + 1}` : word));
      const { output, stderr } = await run({ ...start, args });
      expect(stderr).toBe("");
      expect(output).not.toContain(CANARY);
      expect(output).toMatch(/^\/dev\/null\nnot a tty\n/);
      expect(output.match(/Permission denied/g)?.length).toBeGreaterThanOrEqual(5);
      expect(output).toMatch(/^ +1000 +0 +1\n +1000 +0 +1$/m);
      expect(output).toMatch(/\ncody\n1000\n$/);
    });

    test("one that sees its container's /proc reads nothing there of another process, the user's own included", async () => {
      const canary = launch(
        {
          file: "setpriv",
          args: [`--reuid=${PERSON}`, "--clear-groups", "sleep", "6543"],
          cwd: "/",
          env: { CANARY, PATH: "/usr/bin:/bin" },
        },
        { timeoutMs: 60_000, maxPrintedBytes: 1, onStdout() {}, endAll: (pid) => sendTo(-pid, "SIGKILL") },
      );
      await expect.poll(() => sleeping(6543).length).toBe(1);
      const [{ pid } = { pid: 0 }] = sleeping(6543);
      const look = `cd /proc/${pid} && ls /proc/self/ns >/dev/null && cat environ maps fd/0; ls -l root cwd fd/; kill -9 ${pid}; prlimit --pid ${pid} --nofile=9; echo x > /proc/${pid}/oom_score_adj; grep -c . status`;
      const { output } = await run(startOf(look, "bound"));
      expect(output).not.toContain(CANARY);
      expect(output).toMatch(/environ: Permission denied/);
      expect(sleeping(6543)).toHaveLength(1);
      sendTo(pid, "SIGKILL");
      await canary;
    });

    test.for(["outer", "first"] as const)("whatever is left of it ends with its %s process", async (which) => {
      const start = startOf("setsid sh -c 'setsid sleep 6544 & sleep 6544' & echo up; sleep 6544");
      const running = run(start);
      await expect.poll(() => sleeping(6544).length).toBe(3);
      const outer = listProcesses().find(({ parent, pid }) => parent === process.pid && isPerl(pid))!;
      const first = descendantsOf(outer.pid, listProcesses()).find(({ parent }) => parent === outer.pid)!;
      sendTo(which === "outer" ? outer.pid : first.pid, "SIGKILL");
      await running;
      await expect.poll(() => sleeping(6544)).toEqual([]);
    });
    const isPerl = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("enclose.pl");

    test("twenty at once all run", async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => run(startOf("exit 3"))));
      expect(all.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(all.map(() => [3, ""]));
    });
  },
);
