import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OFFLINE } from "../../packages/sandbox/offline.ts";
import { CANARY, canCompile, LIMITS, MISSING, STAGES, startWorld, type World } from "./world.ts";

test.skip.for(MISSING)("commands shut in by %s", () => {});

describe.skipIf(STAGES.length === 0)("commands shut in", () => {
  describe.for(STAGES)("$name", (stage) => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(stage);
    });
    afterAll(() => void world?.stop());

    /** Every process in which the marker stands, except our own. */
    const alive = (marker: string) =>
      readdirSync("/proc").filter((pid) => {
        if (!/^\d+$/.test(pid)) return false;
        try {
          const state = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").pop();
          return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(marker) && !state?.startsWith("Z");
        } catch {
          return false;
        }
      });

    describe("work as people expect", () => {
      test("a command sees the tree, a home and a scratch folder, and its exit code counts", async () => {
        const run = await world.run('cat README.md; ./run.sh; touch "$HOME/h" "$TMPDIR/t" new; echo oops >&2; exit 3');
        expect(run).toMatchObject({ exitCode: 3, timedOut: false, output: "hello\nran\noops\n" });
        expect((await world.run('ls "$HOME" "$TMPDIR" new; rm new')).output).toMatch(/^new\n[\s\S]*h\n[\s\S]*t\n$/);
      });

      test("node runs, and pipes, subshells and background jobs do", async () => {
        const run = await world.run(
          'echo a b | (read x y; echo $y) & wait; node -p \'typeof process.version\' ; node -e \'child_process.spawn("echo", ["spawned"], {stdio: "inherit"})\'',
        );
        expect(run).toMatchObject({ exitCode: 0, output: expect.stringMatching(/b\n.*\nspawned\n/) });
      });

      const SERVE = `const server = http.createServer((request, response) => response.end("served " + request.url + "\\n"));
        server.listen(0, async () => {
          for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
            const answer = await fetch("http://" + host + ":" + server.address().port + "/" + host);
            process.stdout.write(await answer.text());
          }
          process.exit();
        }).on("error", (error) => console.log(error.code));`;

      test("a server on loopback serves its own clients, or says at once that it may not", async () => {
        const { output } = await world.run(`node -e '${SERVE}'`);
        expect(output).toBe(
          stage.mode === "own-uid without sockets"
            ? "EPERM\n"
            : "served /127.0.0.1\nserved /localhost\nserved /[::1]\n",
        );
      });

      test("git works on a repository whose head is the base, and is thrown away", async () => {
        const run = await world.run(
          "git status --porcelain && git log --format=%s && git remote && echo x > x && git add x && git commit -qm x && git diff --name-only HEAD~1 && git stash list && git reset -q --hard HEAD~1 && git status --porcelain --branch",
        );
        expect(run).toMatchObject({ exitCode: 0, output: "Start\nx\n## main\n" });
      });

      test("nothing that is said in that repository is heard by ours", async () => {
        const mark = 'touch "$PWD/executed" /tmp/executed';
        await world.run(
          `echo x > seen; echo '*' > .git/info/exclude; mkdir .git/hooks; printf '#!/bin/sh\\n${mark}\\n' > .git/hooks/post-index-change
          chmod +x .git/hooks/*; git config core.fsmonitor '${mark}; false'; git config diff.external '${mark}'; rm -f executed /tmp/executed
          printf '[include]\\npath = ../../config\\n' >> .git/config; touch .git/index.lock`,
        );
        const { files, patch } = await world.git();
        expect([
          files.includes("seen"),
          patch.includes("+x"),
          files.filter((path) => path.startsWith(".git/")),
        ]).toEqual([...[true, true, []]]);
        const { output } = await world.run(
          "ls executed /tmp/executed 2>/dev/null; git diff >/dev/null; ls /tmp/executed",
        );
        expect(output).toBe("/tmp/executed\n");
        await world.run("rm -rf .git seen executed /tmp/executed");
      });

      test("the environment is exactly ours", async () => {
        const { output } = await world.run("env | cut -d= -f1");
        const ours = ["CI", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHLVL", "TERM", "TMPDIR", "USER", "_"];
        expect(output.trim().split("\n").toSorted()).toEqual(
          [...ours, "npm_config_prefix", ...Object.keys(OFFLINE)].toSorted(),
        );
      });

      test("terminal codes and control characters are taken out of the output", async () => {
        const run = await world.run(
          "printf '\\033[31mred\\033[0m \\033]8;;https://evil.invalid\\007link\\033]8;;\\007 a\\rb\\010'",
        );
        expect(run.output).toBe("red link a\nb");
      });
    });

    describe("secrets", () => {
      const ATTACKS: [title: string, command: (world: World) => string][] = [
        ["its own environment", () => "env; cat /proc/self/environ /proc/thread-self/environ"],
        ["every process's environment", () => "cat /proc/[0-9]*/environ"],
        [
          "the parents, one by one",
          () =>
            'p=$PPID; while [ "$p" -gt 0 ]; do cat /proc/$p/environ /proc/$p/cmdline; p=$(cut -d" " -f4 /proc/$p/stat); done',
        ],
        [
          "the harness's /proc",
          ({ pid }) => `cd /proc/${pid} && cat environ mem maps fd/* cwd/* root/etc/shadow task/*/environ`,
        ],
        [
          "inherited descriptors",
          () => "ls -l /proc/self/fd; for fd in $(seq 3 80); do cat <&$fd; cat /proc/self/fd/$fd; done",
        ],
        [
          "the harness's home",
          ({ folder }) =>
            `cd ${folder}/harness-home; cat ~root/.aws/credentials .aws/credentials ${folder}/harness-home/.npmrc ${folder}/harness-home/.git-credentials`,
        ],
        [
          "another repository",
          ({ folder }) => `cat ${folder}/other-repository/tree/private.txt; ls ${folder}/other-repository/tree`,
        ],
        [
          "the private git dir",
          ({ folder }) =>
            `cat ${folder}/workspace/private/git/config /git/config ../private/git/HEAD; ls ${folder}/workspace/private`,
        ],
        [
          // What the harness wrote is newer than itself: to read a whole machine takes ten seconds.
          "a search everywhere",
          ({ folder, startedAt }) => `{
            grep -rsF ${CANARY.slice(0, -3)} ${folder}
            find /root /home /tmp /var/tmp /run /dev/shm /etc -newermt @${startedAt} -type f -print0 | xargs -r0 grep -sF ${CANARY.slice(0, -3)}
          } | grep -v cmdline`,
        ],
        [
          "credentials of the machine",
          () =>
            "cat /etc/shadow /etc/sudoers ~/.aws/credentials ~/.ssh/id_* ~/.npmrc ~/.netrc; git config --list --show-origin | grep -v '^file:.git/config'",
        ],
      ];
      test.for(ATTACKS)("%s: no canary", async ([, command]) => {
        const { output, exitCode } = await world.run(`(${command(world)}) 2>&1; true`);
        expect(exitCode).toBe(0);
        expect(output).not.toContain(CANARY);
        expect(output).not.toMatch(/root:[$*!]/);
        expect(output).not.toMatch(/repositoryformatversion|^ref: refs/m);
      });
    });

    describe.skipIf(!canCompile)("the kernel's other ways out (needs a C compiler)", () => {
      let answers: Record<string, string>;
      beforeAll(async () => {
        copyFileSync(world.attack!, join(world.workspace, "tmp", "attack"));
        const { output, exitCode } = await world.run(
          `"$TMPDIR/attack" ${world.pid} ${world.socket} ${world.port}; rm "$TMPDIR/attack"`,
        );
        expect(exitCode).toBe(0);
        answers = Object.fromEntries(
          output
            .trim()
            .split("\n")
            .map((line) => line.split(": ") as [string, string]),
        );
      });

      test("lead nowhere", () => {
        const open = Object.entries(answers).filter(([, answer]) => answer === "ok");
        expect(open).toEqual([]);
        expect(Object.keys(answers)).toHaveLength(60);
      });

      test("are closed by the filter itself where the kernel alone would allow them", () => {
        for (const name of [
          "ptrace",
          "unshare user",
          "clone user",
          "mount",
          "keyctl",
          "io_uring",
          "userfaultfd",
          "TIOCSTI",
        ]) {
          expect([name, answers[name]]).toEqual([name, "EPERM"]);
        }
        expect(answers.clone3).toBe("ENOSYS");
        expect(answers.vsock).toMatch(/^(EPERM|EAFNOSUPPORT)$/);
      });

      test("made no connection to the harness", async () => {
        const { facts } = await world.run(
          `exec 9<>/dev/tcp/127.0.0.1/${world.port}; cat <&9; getent hosts example.com; node -e 'net.connect(${world.port}, "127.0.0.1").on("data", (d) => console.log(String(d))).on("error", () => {})'`,
        );
        expect(facts.visits).toBe(0);
      });

      test("show no network device but an own loopback", async () => {
        const { output } = await world.run(
          "tail -n +3 /proc/net/dev | cut -d: -f1; getent hosts example.com || echo no name",
        );
        // As a user of its own it sees the machine's devices, and can open no socket to them.
        expect(output.trim()).toMatch(stage.mode.startsWith("own-uid") ? /no name$/ : /^lo\s+no name$/);
      });
    });

    /** The other modes mount nothing. */
    const onlyWithMounts = stage.mode.startsWith("own-uid") ? () => {} : describe;
    onlyWithMounts("links that one command plants for the next", () => {
      /** Every folder above a toolchain, as if the command's own folder were the root; what is in the way is moved. */
      const plant = (where: string, target: string) => {
        const names = [...new Set([world.tools, process.execPath].flatMap((path) => path.split("/").slice(1))), "var"];
        return `cd ${where} && for name in ${names.join(" ")}; do
          mv -T $name $name-old; rm -f $name; ln -s /oldroot${target} $name; mkdir -p opt; ln -sfn /oldroot${target} opt/cody
        done 2>/dev/null; ls -l | grep -c -- '-> /oldroot'`;
      };

      test.for(["/tmp", "$HOME", "."])(
        "below %s they steer no mount, and a dangling one breaks nothing",
        async (where) => {
          const folder = join(world.folder, "planted");
          mkdirSync(folder, { recursive: true });
          chmodSync(folder, 0o777);
          for (const target of [folder, "/nowhere/at/all"]) {
            expect(Number((await world.run(plant(where, target))).output)).toBeGreaterThan(3);
            const next = await world.run("cody-tool; node -p 1; head -1 README.md");
            expect(next).toMatchObject({ exitCode: 0, output: "the tool ran\n1\nhello\n" });
            expect(readdirSync(folder)).toEqual([]);
          }
          await world.run(`cd ${where}; find . -maxdepth 1 -type l -delete; rm -rf opt ./*-old; true`);
        },
      );

      test("no mount of the sandbox is below a folder that commands write", async () => {
        const { output } = await world.run("cut -d' ' -f5 /proc/self/mountinfo");
        const below = output.split("\n").filter((path) => /^\/(tmp|workspace|home\/cody|git)\/./.test(path));
        expect(below).toEqual([]);
        expect(output).toContain("/opt/cody/tool0");
      });
    });

    test("the system cannot be written to", async () => {
      const targets = [
        "/etc/x",
        "/usr/x",
        "/usr/bin/node",
        "/bin/sh",
        "/lib/x",
        "/x",
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/sys/x",
      ];
      const { output } = await world.run(
        targets.map((path) => `(echo >> ${path}) 2>/dev/null && echo wrote ${path}`).join("; "),
      );
      expect(output).toBe("");
    });

    /** They are made as in bubblewrap, and shown for an ordinary user. */
    const unlessShown: typeof onlyWithMounts = stage.mode === "namespaces" && !stage.as ? () => {} : describe;
    unlessShown("resources", () => {
      test("a fork bomb stays within its limit and leaves nothing", async () => {
        const run = await world.run(
          "bomb() { bomb cody-bomb | bomb cody-bomb & }; bomb; sleep 1; sleep 3000 & sleep 3001",
          { timeoutMs: 1_200 },
        );
        expect(run.timedOut).toBe(true);
        expect(alive("sleep\x00300")).toEqual([]);
        expect((await world.run("echo still fine")).output).toBe("still fine\n");
      });

      test("no more processes than the limit run at once", async () => {
        const spawnMany = `let n = 0; for (let i = 0; i < 300; i++) child_process.spawn("sleep", ["9"], { stdio: "ignore" }).on("spawn", () => n++).on("error", () => {}); setTimeout(() => { console.log(n); process.exit(); }, 500)`;
        const { output } = await world.run(`node -e '${spawnMany}'`);
        expect(Number(output)).toBeGreaterThan(10);
        expect(Number(output)).toBeLessThan(LIMITS.processes);
      });

      test("the limits stand, and a command cannot raise them", async () => {
        const { output } = await world.run(
          "ulimit -Ht; ulimit -Hu; ulimit -Hf; ulimit -Hn; ulimit -Hd; ulimit -Hc; for l in t u f n d c; do ulimit -H$l unlimited 2>/dev/null && echo raised $l; done; exit 0",
        );
        const { processes, fileBytes, memoryBytes } = LIMITS;
        expect(output.trim().split("\n").map(Number)).toEqual([
          ...[20 * 8, processes, fileBytes / 1024, 4096, memoryBytes / 1024, 0],
        ]);
      });

      test("nothing that outlives processes is left: shared memory of either kind, semaphores, queues", async () => {
        const owner = new RegExp(`\\s${world.owner ?? stage.as}\\s`);
        const name = `cody-left-${world.pid}`;
        const left = () => [
          ...["shm", "sem", "msg"].flatMap((kind) =>
            readFileSync(`/proc/sysvipc/${kind}`, "latin1")
              .split("\n")
              .filter((line) => owner.test(line)),
          ),
          ...readdirSync("/dev/shm").filter((entry) => entry.startsWith(name)),
        ];
        const { output } = await world.run(
          `ipcmk -M 1000000 -S 3 -Q >/dev/null && echo made; mkdir /dev/shm/${name}; echo x | tee /dev/shm/${name}/x >/dev/shm/${name}-file`,
        );
        expect(output).toBe("made\n");
        expect(left()).toEqual([]);
      });

      test("daemons end with the command that started them", async () => {
        const run = await world.run(
          "setsid nohup sleep 4321 >/dev/null 2>&1 & (setsid sh -c 'sleep 4322' &) ; sleep 0.3; echo started",
        );
        expect(run).toMatchObject({ exitCode: 0, output: "started\n" });
        expect(alive("sleep\x00432")).toEqual([]);
      });

      test("a daemon that holds the output open does not hold up the answer", async () => {
        const run = await world.run("setsid sleep 4323 & echo done");
        expect(run).toMatchObject({ exitCode: 0, output: "done\n" });
        expect(run.durationMs).toBeLessThan(5_000);
      });

      test("a command that ignores every polite signal is ended all the same", async () => {
        const run = await world.run("trap '' TERM INT HUP PIPE; while :; do sleep 0.1; done", { timeoutMs: 700 });
        expect(run).toMatchObject({ exitCode: null, timedOut: true, ended: "time" });
        expect(run.durationMs).toBeLessThan(3_000);
        expect(run.output).toContain("[ended: it ran longer than 1 s]");
      });

      test("it cannot end the harness, nor survive ending every process", async () => {
        await world.run(`setsid sleep 3002 & kill -9 ${world.pid} $PPID 1 2>/dev/null; kill -9 -1`);
        expect(alive("sleep\x003002")).toEqual([]);
        expect((await world.run("echo here")).output).toBe("here\n");
      });

      test("a flood without a newline is cut and ended", async () => {
        const run = await world.run("echo begin; head -c 1000000000 /dev/zero | tr '\\0' x", { maxBytes: 10_000 });
        expect(run).toMatchObject({ exitCode: null, ended: "output" });
        expect(run.output.length).toBeLessThan(10_300);
        expect(run.output).toMatch(
          /^begin\nx+\n\[\.\.\. [\d,]+ bytes left out \.\.\.\]\nx+\n\[ended: it printed more than 8 MB\]\n$/,
        );
      });

      test("a long output keeps its head and its tail", async () => {
        const run = await world.run("seq 100000", { maxBytes: 1_000 });
        expect(run).toMatchObject({ exitCode: 0 });
        expect(run.output).toMatch(/^1\n2\n3\n[\s\S]*bytes left out[\s\S]*99999\n100000\n$/);
      });

      test("one process that takes too much memory dies, and the harness lives", async () => {
        const run = await world.run(
          "node -e 'const all = []; for (;;) all.push(Buffer.alloc(64 << 20, 1))' >/dev/null 2>&1; echo node ended with $?",
        );
        expect(run.output).toMatch(/node ended with [1-9]/);
      });

      test("many processes that together take too much memory are ended", async () => {
        const eat = "node -e 'const b = Buffer.alloc(150 << 20, 1); setTimeout(() => b, 20000)' & ";
        const run = await world.run(`${eat.repeat(6)} wait`);
        expect(run.ended).toBe("memory");
      });

      test("neither a huge file nor many files fill the disk", async () => {
        const big = await world.run("head -c 100000000 /dev/zero > big; wc -c < big; rm big");
        expect(Number(big.output.trim().split("\n").pop())).toBe(LIMITS.fileBytes);
        const many = await world.run(
          "for i in $(seq 100); do head -c 10000000 /dev/urandom > ignored-$i; done; sleep 5",
        );
        expect(many.ended).toBe("disk");
        await world.run("rm -f ignored-*");
      });

      test("a cancel ends it at once", async () => {
        const run = world.run("echo begun; sleep 3003", { timeoutMs: 60_000 });
        setTimeout(() => world.cancel(), 500);
        expect(await run).toMatchObject({ exitCode: null, timedOut: false, ended: "cancelled" });
        expect(alive("sleep\x003003")).toEqual([]);
      });
    });

    test("nothing that commands did reached the harness's own files", () => {
      const folder = statSync(join(world.workspace, "private"));
      expect(folder.mode & 0o077).toBe(0);
    });
  });
});
