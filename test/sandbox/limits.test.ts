import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bubblewrap } from "../../packages/sandbox/bubblewrap.ts";
import { idFor, parseIdMap } from "../../packages/sandbox/command-user.ts";
import { launch } from "../../packages/sandbox/launch.ts";
import { COMMAND_LIMITS } from "../../packages/sandbox/limits.ts";
import { memoryOfTask } from "../../packages/sandbox/memory.ts";
import { listProcesses } from "../../packages/sandbox/processes.ts";
import { parseLimits, resourcesOf } from "../../packages/sandbox/resources.ts";
import type { CommandRun } from "../../packages/sandbox/sandbox.ts";
import {
  MAX_SOCKET_PATH_BYTES,
  makeSocketFolder,
  removeDeadSocketFolders,
} from "../../packages/sandbox/short-folder.ts";
import { SYSTEM_ALONE } from "../../packages/sandbox/toolchains/toolchains.ts";
import { scratchFolder } from "../workspace/origin.ts";
import type { Once } from "./once.ts";
import { compileLauncher, STAGES } from "./world.ts";

describe("a command's limits", () => {
  const LIMITS = [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max cpu time              unlimited            unlimited            seconds   ",
    "Max file size             unlimited            2097152              bytes     ",
    "Max data size             unlimited            unlimited            bytes     ",
    "Max processes             100                  200                  processes ",
    "Max open files            256                  1024                 files     ",
  ].join("\n");
  test("are those of ours that are lower", () => {
    expect(resourcesOf(60, COMMAND_LIMITS, parseLimits(LIMITS))).toEqual({
      ...{ cpu: 60, fsize: 2_097_152, data: COMMAND_LIMITS.memoryBytes, nproc: 200, nofile: 1024 },
    });
    expect(resourcesOf(60, COMMAND_LIMITS, parseLimits("")).nofile).toBe(4096);
  });
});

describe("the number of a command's user", () => {
  test.for([
    ["the machine itself", "         0          0 4294967295", 200_004_321],
    ["rootless Docker", "0 1000 1\n1 100000 65536\n", 14_321],
    ["userns-remap", "0 100000 65536", 14_321],
    ["a map that begins late", "0 1000 1\n50000 100000 1000\n", 50_321],
    ["Podman with one's own number kept", "0 1 1000\n1000 0 1\n1001 1001 64536\n", 14_321],
    ["a map that holds the far numbers", "0 0 1\n200000000 200000000 4194304\n", 200_004_321],
    ["root alone", "0 1000 1", undefined],
  ] as const)("in %s", ([, map, expected]) => {
    expect(idFor(4_321, parseIdMap(map))).toBe(expected);
  });

  test("is never a person's, a daemon's or `nobody`, whatever the pid", () => {
    for (let pid = 1; pid < 4_194_304; pid += 997) {
      const id = idFor(pid, parseIdMap("0 100000 65536"))!;
      expect(id >= 10_000 && id < 65_534).toBe(true);
    }
  });
});

describe("what the task's memory says", () => {
  const MB = 1024 * 1024;
  async function machine(files: Record<string, string>) {
    const folder = await scratchFolder();
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return memoryOfTask({ proc: join(folder, "proc"), groups: join(folder, "groups") });
  }
  const plenty = { "proc/meminfo": "MemAvailable:   8000000 kB\n" };
  const v2 = (at: string, limit: string, current: number, kills = 0) => ({
    [`groups${at}/memory.max`]: `${limit}\n`,
    [`groups${at}/memory.current`]: `${current}\n`,
    [`groups${at}/memory.stat`]: `anon 5\ninactive_file ${20 * MB}\n`,
    [`groups${at}/memory.events`]: `low 0\noom 9\noom_kill ${kills}\noom_group_kill 0\n`,
  });

  test("version 2, in a container that sees its group as the root", async () => {
    const memory = await machine({
      ...plenty,
      "proc/self/cgroup": "0::/\n",
      ...v2("", String(2048 * MB), 1900 * MB, 3),
    });
    expect([memory.isShort(192 * MB), memory.isShort(160 * MB), memory.kills()]).toEqual([true, false, 3]);
  });

  test("version 2, by its path: the tightest group counts, kills are our own group's", async () => {
    const memory = await machine({
      ...{ ...plenty, "proc/self/cgroup": "0::/pod/box\n" },
      ...{ ...v2("/pod/box", "max", 100 * MB, 1), ...v2("/pod", String(1024 * MB), 1000 * MB, 7) },
    });
    expect([memory.isShort(100 * MB), memory.isShort(40 * MB), memory.kills()]).toEqual([true, false, 1]);
  });

  test("version 1", async () => {
    const memory = await machine({
      ...{ ...plenty, "proc/self/cgroup": "9:name=systemd:/x\n4:cpu,memory:/ecs/task\n" },
      "groups/cpu,memory/ecs/task/memory.limit_in_bytes": `${1024 * MB}`,
      "groups/cpu,memory/ecs/task/memory.usage_in_bytes": `${1000 * MB}`,
      "groups/cpu,memory/ecs/task/memory.stat": `inactive_file 1\ntotal_inactive_file ${30 * MB}\n`,
      "groups/cpu,memory/ecs/task/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    });
    expect([memory.isShort(100 * MB), memory.isShort(50 * MB), memory.kills()]).toEqual([true, false, 2]);
  });

  test("a small group is short at an eighth; no group at all: the machine's memory", async () => {
    const small = await machine({ ...plenty, "proc/self/cgroup": "0::/\n", ...v2("", String(256 * MB), 236 * MB) });
    expect(small.isShort(192 * MB)).toBe(false);
    const none = await machine({ "proc/meminfo": "MemAvailable: 100000 kB\n" });
    expect([none.isShort(192 * MB), none.isShort(90 * MB), none.kills()]).toEqual([true, false, 0]);
  });
});

describe("the folder of the proxy's socket", () => {
  test("is the first that can be had and is short enough, closed to others, and gone afterwards", async () => {
    const long = join(await scratchFolder(), "x".repeat(120));
    mkdirSync(long);
    const short = mkdtempSync("/tmp/cs-");
    const made = await makeSocketFolder([long, "/nowhere", short]);
    expect(dirname(made.folder)).toBe(short);
    expect(made.socket.length).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
    await made[Symbol.asyncDispose]();
    expect(readdirSync(short)).toEqual([]);
    await expect(makeSocketFolder([long, "/nowhere"])).rejects.toThrow(/no folder.*too long a path; \/nowhere: ENOENT/);
    rmdirSync(short);
  });

  test("left by a killed runner is removed; one in use, a young one and a foreign one stay", async () => {
    const place = mkdtempSync("/tmp/cs-");
    const made = await Promise.all(Array.from({ length: 4 }, () => makeSocketFolder([place])));
    const [dead, used, young, empty] = made as [(typeof made)[0], (typeof made)[0], (typeof made)[0], (typeof made)[0]];
    const program = `require("net").createServer().listen(${JSON.stringify(dead.socket)}, () => process.kill(process.pid, "SIGKILL"))`;
    await once(spawn(process.execPath, ["-e", program]), "exit");
    const server = createServer().listen(used.socket);
    await once(server, "listening");
    mkdirSync(join(place, "cody-other"));
    const anHourAgo = Date.now() / 1000 - 3600;
    for (const { folder } of [dead, used, empty]) utimesSync(folder, anHourAgo, anHourAgo);
    await removeDeadSocketFolders([place]);
    const names = [used.folder, young.folder, join(place, "cody-other")];
    expect(
      readdirSync(place)
        .map((name) => join(place, name))
        .toSorted(),
    ).toEqual(names.toSorted());
    server.close();
    await Promise.all(made.map((one) => one[Symbol.asyncDispose]()));
    rmdirSync(join(place, "cody-other"));
    rmdirSync(place);
  });
});

const MODES = STAGES.filter(({ as, mode }) => as === undefined && mode !== "own-uid without sockets");
const isRoot = process.getuid?.() === 0;
/** What engines do, so that the kernel allows no new /proc. */
const HIDDEN = 'mount -t tmpfs hidden /proc/fs; exec "$@"';

describe.skipIf(MODES.length === 0).for(MODES)("a runner on a tight machine, $name (needs a sandbox)", ({ mode }) => {
  /** What does not differ between modes is shown on one. */
  const onFirst: (title: string, work: () => Promise<void>) => void = mode === MODES[0]?.mode ? test : () => {};
  let folder: string;
  let launcher: string;
  beforeAll(async () => {
    folder = await scratchFolder();
    chmodSync(folder, 0o755);
    launcher = mode.startsWith("own-uid") ? compileLauncher(folder) : "";
  });
  type OnceResult = { mode: string; note: string; uid?: number; run?: CommandRun & { thrown?: string } };
  const start = (under: string[], options: Partial<Once>, env: Record<string, string> = {}) => {
    const work: Once = { mode, launcher, folder: join(folder, "work"), request: {}, ...options };
    const [file, ...words] = [...under, process.execPath, join(import.meta.dirname, "once.ts"), JSON.stringify(work)];
    return spawn(file!, words, { stdio: ["pipe", "pipe", "inherit"], env: { PATH: process.env.PATH, ...env } });
  };
  const said = async (child: ChildProcess): Promise<OnceResult> => JSON.parse((await child.stdout!.toArray()).join(""));
  /** Processes of the command, by a number of seconds that nothing else sleeps. */
  const sleeping = (seconds: number) =>
    readdirSync("/proc").filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`sleep\0${seconds}`);
      } catch {
        return false;
      }
    });

  onFirst("lower hard limits than ours are what commands get", async () => {
    const { run } = await said(
      start(["prlimit", "--nofile=1000:1000", "--fsize=900000000"], { request: { command: "ulimit -Hn; ulimit -Hf" } }),
    );
    expect(run?.output).toBe("1000\n878906\n");
  });

  test.skipIf(!isRoot)(
    "in a container whose root is not the machine's, commands get a user that is mapped",
    async () => {
      const child = start(["unshare", "--user", "sh", "-c", 'read go; exec "$@"', "sh"], {
        folder: join(folder, "mapped"),
        request: { command: 'id -u; node -e "net.createServer().listen(0, () => process.exit(console.log(1)))"' },
      });
      await expect.poll(() => userNamespaceOf(child.pid!)).not.toBe(userNamespaceOf(process.pid));
      for (const kind of ["uid", "gid"]) writeFileSync(`/proc/${child.pid}/${kind}_map`, "0 0 1\n1 100000 65536\n");
      child.stdin!.end("go\n");
      const { uid, run } = await said(child);
      expect(uid).toBeGreaterThanOrEqual(10_000);
      expect(uid).toBeLessThan(65_534);
      expect(run).toMatchObject({ exitCode: 0, output: `${uid}\n1\n` });
    },
  );
  const userNamespaceOf = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/uid_map`, "latin1");
    } catch {
      return "";
    }
  };

  test.skipIf(!isRoot || mode.startsWith("own-uid")).for([
    [
      "hides parts of /proc",
      ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", HIDDEN, "sh"],
      /processes/,
    ],
    ["keeps its root from mounting", ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"], /holds/],
  ] as const)("in a container that %s there is a sandbox all the same", async ([, under, note]) => {
    const command = "id -u; grep -c ^CapEff:.*[1-9a-f] /proc/self/status; cat /proc/1/environ";
    const result = await said(start([...under], { folder: join(folder, under[0]), request: { command } }));
    expect(result).toMatchObject({ mode, note: expect.stringMatching(note) });
    expect(result.run?.output).toMatch(/^1000\n0\n/);
    expect(result.run?.output).not.toContain(folder);
  });

  test("setup has its network whatever the folders are called", async () => {
    const deep = join(folder, "d".repeat(90), "e".repeat(90));
    mkdirSync(deep, { recursive: true });
    const request = { network: "any" as const, command: "echo $https_proxy | cut -d: -f2; sleep 5771 & exit 4" };
    const { run } = await said(start([], { folder: deep, request }, { TMPDIR: deep }));
    expect(run).toMatchObject({ exitCode: 4, output: "//127.0.0.1\n" });
    expect(sleeping(5771)).toEqual([]);
  });

  test("no descriptor left: a sentence, before the command and while it runs, and no process", async () => {
    const request = { network: "any" as const, command: "setsid sleep 5772 & touch began; sleep 5772" };
    const hogs = [{ leave: 0, once: "began" }, ...(mode === MODES[0]?.mode ? [{ leave: 0 }, { leave: 4 }] : [])];
    for (const hog of hogs) {
      const { run } = await said(start(["prlimit", "--nofile=400:400"], { request, hog }));
      const broken = expect.stringMatching(/^the sandbox could not run it: .*ulimit -n/);
      expect(run, JSON.stringify(hog)).toMatchObject({ exitCode: null, broken });
      expect(run!.output).toContain(run!.broken);
      expect(sleeping(5772)).toEqual([]);
    }
  });

  onFirst("thousands of connections of six processes leave the runner its descriptors", async () => {
    const server = createServer(() => {}).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const many = `node -e 'const { port } = new URL(process.env.http_proxy); let n = 0;
      for (let i = 0; i < 650; i++) net.connect(port, "127.0.0.1").on("error", () => {}).on("close", () => ++n === 650 && process.exit()).write("CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\n\\r\\n");
      setTimeout(() => process.exit(), 800)' & `;
    const request = {
      network: "any" as const,
      command: `${many.repeat(6)} sleep 5773 & sleep 1; echo survived; exit 3`,
    };
    const { run } = await said(start(["prlimit", "--nofile=400:400"], { request, open: true }));
    server.close();
    expect(run).toMatchObject({ exitCode: 3, output: expect.stringContaining("survived") });
    expect(run!.broken).toBeUndefined();
    expect(sleeping(5773)).toEqual([]);
  });

  const group = groupOfOurs();
  const onFirstWithGroup = group ? onFirst : test.skip;
  onFirstWithGroup(
    "memory of the task (needs control groups of version 1): the kernel's end and the watch's say what was used up",
    async () => {
      const inGroup = async (name: string, options: Partial<Once>) => {
        const box = join(group!, `cody-test-${process.pid}-${name}`);
        mkdirSync(box);
        try {
          writeFileSync(join(box, "memory.limit_in_bytes"), String(400 * 1024 * 1024));
          const inside = ["sh", "-c", `echo $$ > ${join(box, "cgroup.procs")}; exec "$@"`, "sh"];
          return (await said(start(inside, { folder: join(folder, name), ...options }))).run;
        } finally {
          await expect.poll(() => readFileSync(join(box, "cgroup.procs"), "utf8")).toBe("");
          rmdirSync(box);
        }
      };
      const eat = (mbAtOnce: number, everyMs: number) => ({
        command: `node -e 'const all = [Buffer.alloc(120 << 20, 1)]; setInterval(() => all.push(Buffer.alloc(${mbAtOnce} << 20, 1)), ${everyMs})'; exit $?`,
      });
      const [killed, watched] = await Promise.all([
        inGroup("kernel", { request: eat(8, 10), limits: { freeMemoryBytes: 0 } }),
        inGroup("watch", { request: eat(1, 40) }),
      ]);
      const [byKernel, byWatch] = [
        /\[the memory of the task was used up: .*kernel/,
        /\[ended: the memory of the task was used up/,
      ];
      expect(killed).toMatchObject({ exitCode: 137, output: expect.stringMatching(byKernel) });
      expect(watched).toMatchObject({ exitCode: null, ended: "memory", output: expect.stringMatching(byWatch) });
    },
  );
});

/** Our own control group for memory, where we may make groups below it. */
function groupOfOurs(): string | undefined {
  try {
    const [, path] = /^\d+:memory:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8")) ?? [];
    if (path === undefined) return undefined; // Version 2: a group with processes has no groups with limits below it.
    const box = join("/sys/fs/cgroup/memory", path, `cody-try-${process.pid}`);
    mkdirSync(box);
    rmdirSync(box);
    return dirname(box);
  } catch {
    return undefined;
  }
}

test("a command that is cancelled before bubblewrap has reported its first process ends, and so does that process", async () => {
  const never = () => Promise.reject(new Error("no command here has network"));
  const proxies = { registries: never, any: never };
  const { endAll } = bubblewrap(
    { mode: "bubblewrap", argv: ["bwrap"], prlimit: "prlimit", proc: "own" },
    { toolchains: SYSTEM_ALONE, limits: COMMAND_LIMITS, proxies },
  );
  let first = 0;
  const started = new AbortController();
  // As bubblewrap begins: an inner process that waits for ever for a word of the outer one, with its pipes open.
  const exit = await launch(
    { file: "/bin/sh", args: ["-c", "sleep 1000 & echo $!; wait"], cwd: "/", env: { PATH: "/usr/bin:/bin" } },
    {
      timeoutMs: 60_000,
      signal: started.signal,
      maxPrintedBytes: 1_000,
      onStdout(chunk) {
        first = Number(chunk);
        started.abort();
      },
      endAll,
    },
  );
  expect(exit).toMatchObject({ ended: "cancelled", signal: "SIGKILL" });
  expect(listProcesses().map(({ pid }) => pid)).not.toContain(first);
});
