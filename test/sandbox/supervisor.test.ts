import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder } from "../workspace/origin.ts";
import { compileLauncher, STAGES, startWorld, type World } from "./world.ts";

const PROBE = join(import.meta.dirname, "../../packages/sandbox/probe.ts");

const stage = STAGES.find(({ mode }) => mode === "own-uid");

/** launcher/supervise.c and loopback.c: what commands of their own user may do with sockets, and what holds them. */
describe.skipIf(!stage)("the supervisor of a command's sockets (needs root and a C compiler)", () => {
  let world: World;
  const sockets = '"$TMPDIR/sockets"';
  beforeAll(async () => {
    world = await startWorld(stage!);
    copyFileSync(world.sockets!, join(world.workspace, "tmp", "sockets"));
  });
  afterAll(() => void world?.stop());

  test("an address that another thread swaps never leads to the harness", async () => {
    const { output, facts } = await world.run(`${sockets} flip ${world.port} 0.5`);
    expect(facts.visits).toBe(0);
    const [reached, refused, unreachable, , wrong] = output.match(/\d+/g)!.map(Number);
    expect(wrong).toBe(0);
    expect([reached! > 5, refused! > 5, unreachable! > 5]).toEqual([true, true, true]);
  });

  test("a port that a foreign server shares with its own is closed to it", async () => {
    const tree = join(world.workspace, "tree");
    const port = 20_000 + (process.pid % 10_000);
    const running = world.run(`node -e '
      const at = (host) => new Promise((done) =>
        net.connect(${port}, host).on("connect", () => done("connected")).on("error", (e) => done(e.code)));
      net.createServer().listen(${port}, "127.0.0.2", async () => {
        console.log(await at("127.0.0.2"));
        fs.writeFileSync("up", "");
        while (!fs.existsSync("joined")) await new Promise((done) => setTimeout(done, 10));
        console.log(await at("127.0.0.1"), await at("127.0.0.2"));
        net.createServer().on("error", (e) => process.exit(console.log(e.code))).listen(${port}, "127.0.0.3", () => process.exit());
      });'`);
    await expect.poll(() => existsSync(join(tree, "up"))).toBe(true);
    let visits = 0;
    const foreign = createServer(() => visits++).listen(port, "127.0.0.1");
    await once(foreign, "listening");
    writeFileSync(join(tree, "joined"), "");
    expect((await running).output).toBe("connected\nECONNREFUSED ECONNREFUSED\nEADDRINUSE\n");
    expect(visits).toBe(0);
    foreign.close();
  });

  test("a connect that has to wait keeps no other call waiting", async () => {
    const { output } = await world.run(`${sockets} stall`);
    expect(output).toBe("beside it: at once\nthe waiting one came through\n");
  });

  test("every other way to connect, bind or send is refused, each with an errno that programs understand", async () => {
    const { output, facts } = await world.run(`${sockets} sends ${world.port} ${world.folder}/foreign.sock`);
    // Which of the two depends on who the first process is.
    expect(output.replace(/^(\/proc\/.*): (?:ELOOP|EACCES)$/gm, "$1: refused")).toMatchInlineSnapshot(`
      "sendto fast open: EPERM
      sendmsg fast open: EPERM
      sendmmsg fast open: EPERM
      connect on first write: EPERM
      another protocol on top: EPERM
      a route of its own: EPERM
      another device: EPERM
      datagram pair: EPERM
      a datagram listener: ok
      to an address: EPERM
      by a message: EPIPE
      a part of one: EPIPE
      by several: EPIPE
      by a way of its own: EPIPE
      connect: EPERM
      connect to nowhere: EPERM
      opened again: ENOTCONN
      by a message after that: EPIPE
      another device: EPERM
      a group: EPERM
      a group by its family: EPERM
      a group of IPv6: EPERM
      heard: EAGAIN
      asked about interfaces: ok
      a datagram listener: ok
      to an address: EPERM
      by a message: EPIPE
      a part of one: EPIPE
      by several: EPIPE
      by a way of its own: EPIPE
      connect: EPERM
      connect to nowhere: EPERM
      opened again: ENOTCONN
      by a message after that: EPIPE
      another device: EPERM
      a group: EPERM
      a group by its family: EPERM
      a group of IPv6: EPERM
      heard: EAGAIN
      asked about interfaces: ok
      local datagram socket: EPERM
      ping socket: EPERM
      netlink: EPERM
      multipath TCP: EPROTONOSUPPORT
      sctp: EPROTONOSUPPORT
      a low port: EACCES
      the harness's port: EADDRINUSE
      the harness's port over IPv6: EADDRINUSE
      another address: EADDRNOTAVAIL
      a local socket in a foreign folder: EACCES
      an abstract name: EPERM
      /proc/1/root/tmp/x: refused
      /proc/self/root/tmp/x: refused
      /proc/self/cwd/x: refused
      /proc/thread-self/root/tmp/x: refused
      /proc/self/../1/root//tmp/x: refused
      a name of its own: ok
      its name: ./own-name.sock
      a bad pointer: EFAULT
      a long address: EINVAL
      no socket: ENOTSOCK
      an unnamed server is on: lo
      "
    `);
    expect(facts.visits).toBe(0);
    expect(existsSync(join(world.folder, "foreign.sock"))).toBe(false);
  });

  test("local sockets connect its own processes, and neither links nor names lead to the harness's", async () => {
    const { output, facts } = await world.run(`node -e '
      const at = (path) => new Promise((done) => net.connect(path).on("data", (d) => done(String(d))).on("error", (e) => done(e.code)));
      fs.mkdirSync("deep"); fs.symlinkSync("${world.socket}", "deep/link");
      net.createServer((c) => c.end("mine")).listen("own.sock", async () => {
        console.log(await at("own.sock"), await at(process.cwd() + "/own.sock"), await at("missing.sock"));
        console.log(await at("${world.socket}"), await at("\\0${world.socket}"), await at("deep/link"));
        fs.renameSync("own.sock", "moved.sock");
        console.log(await at("moved.sock"), await at("own.sock"));
        process.exit();
      });'; rm -rf deep moved.sock`);
    expect(output).toBe("mine mine ENOENT\nECONNREFUSED ECONNREFUSED ECONNREFUSED\nmine ENOENT\n");
    expect(facts.visits).toBe(0);
  });

  test("Python and git have a server and a client", async () => {
    writeFileSync(
      join(world.workspace, "tree", "loop.py"),
      `import http.server, subprocess, threading
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words): pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("git ended with", subprocess.call(["git", "ls-remote", f"http://127.0.0.1:{server.server_port}/served.git"]))
`,
    );
    const served = "git init -q --bare served.git; git -C served.git update-server-info";
    const { output } = await world.run(`${served}; /usr/bin/python3 loop.py; rm -rf served.git loop.py`);
    expect(output).toBe("git ended with 0\n");
  });

  test.skipIf(!existsSync("/usr/bin/java"))(
    "Java has a server and a client (needs Java)",
    { timeout: 30_000 },
    async () => {
      writeFileSync(
        join(world.workspace, "tree", "Loop.java"),
        `import java.net.*;
      class Loop { public static void main(String[] words) throws Exception {
        try (var server = new ServerSocket(0); var client = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
          server.accept().getOutputStream().write(55); System.out.println(client.getInputStream().read());
        }
        var http = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress(0), 0);
        http.createContext("/", (asked) -> { asked.sendResponseHeaders(200, 2); asked.getResponseBody().write("42".getBytes()); asked.close(); });
        http.start();
        System.out.println(new String(URI.create("http://localhost:" + http.getAddress().getPort()).toURL().openStream().readAllBytes()));
        try { new Socket("169.254.169.254", 80); } catch (Exception error) { System.out.println(error.getMessage()); }
        System.exit(0);
      } }`,
      );
      const { output } = await world.run("java -XX:TieredStopAtLevel=1 Loop.java; rm -f Loop.java");
      expect(output).toMatch(/^55\n42\nNetwork is unreachable/);
    },
  );

  test("a machine on which it cannot look into commands falls back, and says what that means", async () => {
    const folder = await scratchFolder();
    chmodSync(folder, 0o755);
    const options = { unsafe: false, modes: ["own-uid", "own-uid without sockets"], launcher: compileLauncher(folder) };
    const program = `
      const { probeSandbox } = await import(${JSON.stringify(PROBE)});
      const { mode, note } = await probeSandbox(${JSON.stringify(options)});
      console.log(JSON.stringify({ mode, note }));`;
    const probe = (...under: string[]) => {
      const [file, ...words] = [...under, process.execPath, "--input-type=module", "-e", program];
      return JSON.parse(execFileSync(file!, words, { encoding: "utf8" }));
    };
    // Docker's capabilities, less and more what stacks/runner.ts says.
    const task = "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap";
    expect(probe("setpriv", `--bounding-set=${task},+sys_ptrace`).mode).toBe("own-uid");
    expect(probe("setpriv", `--bounding-set=${task}`)).toEqual({
      mode: "own-uid without sockets",
      note: expect.stringMatching(
        /^own-uid without sockets holds: tests that open a server fail here, and setup has no network; no own-uid: .*enclose: taking over the sockets: Operation not permitted/,
      ),
    });
  });

  const read = (path: string) => {
    try {
      return readFileSync(path, "latin1");
    } catch {
      return ""; // Gone, or not there yet.
    }
  };
  const processes = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parentOf = (pid: string) => read(`/proc/${pid}/stat`).split(") ").pop()!.split(" ")[1];
  const childOf = (parent: string | number) =>
    Number(processes().find((pid) => parentOf(pid) === String(parent) && read(`/proc/${pid}/comm`) === "enclose\n"));
  const marked = (marker: string) => processes().filter((pid) => read(`/proc/${pid}/cmdline`).includes(marker));

  test("a command can neither end, stop, trace, read nor write it", async () => {
    const { output, facts } = await world.run(
      `for p in $(grep -lsx enclose /proc/[0-9]*/comm | cut -d/ -f3); do
         echo guard; kill -9 $p; kill -STOP $p; echo x >/proc/$p/mem; echo 0 >/proc/$p/oom_score_adj; cat /proc/$p/mem /proc/$p/environ; ls /proc/$p/fd /proc/$p/cwd/; prlimit --pid $p --nofile=1; renice 19 $p
       done 2>/dev/null
       exec 9<>/dev/tcp/127.0.0.1/${world.port} && cat <&9`,
    );
    expect(output).toMatch(/^(guard\n){2,}.*Connection refused/s);
    expect(output.replaceAll("guard\n", "").split("\n")).toHaveLength(3);
    expect(facts.visits).toBe(0);
  });

  test("no capability is left, and a setuid program of root gives none", async () => {
    const program = join(world.folder, "setuid-id");
    copyFileSync("/usr/bin/id", program);
    chmodSync(program, 0o4755);
    const { output } = await world.run(`grep ^Cap /proc/self/status | cut -f2 | sort -u; ${program} -u`);
    expect(output).toBe(`0000000000000000\n${world.owner}\n`);
  });

  test("when it dies all the same, calls fail and the command ends", async () => {
    const log = join(world.workspace, "tree", "loop.log");
    const run = world.run(`${sockets} loop cody-unsupervised >loop.log`).catch((error: Error) => error.message);
    await expect.poll(() => read(log)).toContain("begun");
    process.kill(childOf(childOf(world.pid)), "SIGKILL");
    expect(await run).toContain("the supervisor of the sockets ended");
    expect(read(log)).toMatch(/^begun\n(ENOSYS\n)?$/);
    expect(marked("cody-unsupervised")).toEqual([]);
    expect((await world.run("rm loop.log; echo still fine")).output).toBe("still fine\n");
  });

  test("when even the launcher is killed, everything that the command started ends", async () => {
    const run = world.run("setsid sleep 5551 & (setsid sleep 5552 &); sleep 5553");
    await expect.poll(() => marked("sleep\x00555").length).toBe(3);
    const began = performance.now();
    process.kill(childOf(world.pid), "SIGKILL");
    expect(await run).toMatchObject({ exitCode: null });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(marked("sleep\x00555")).toEqual([]);
  });
});
