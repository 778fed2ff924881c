import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secretPartsOf } from "../../../packages/config/registries.ts";
import { foldersIn, makeFolders } from "../../../packages/sandbox/folders.ts";
import { probeSandbox } from "../../../packages/sandbox/probe.ts";
import type { RegistryRequest } from "../../../packages/sandbox/registries/answer.ts";
import { newIdentity } from "../../../packages/sandbox/registries/trust/identity.ts";
import type { CommandRequest, SandboxMode } from "../../../packages/sandbox/sandbox.ts";
import { scratchFolder } from "../../workspace/origin.ts";
import { compileLauncher, STAGES } from "../world.ts";
import { type StandIn, startProxied, startStandIn } from "./stand-in.ts";

const isHere = (mode: SandboxMode) => STAGES.some((stage) => stage.mode === mode);
const here = (["bubblewrap", "namespaces", "own-uid", "own-uid without sockets"] as const).filter(isHere);

const TOKEN = "token-of-the-registry-8844";
const PASSWORD = "password-of-nexus-8845";
const credentials = new Map([
  ["acme", TOKEN],
  ["nexus", `reader:${PASSWORD}`],
]);
const SECRETS = [...secretPartsOf(credentials), "PRIVATE KEY"];

/** Asks as clients do, one after the other: CONNECT, TLS that trusts what the environment names, one request. */
const CLIENT = `
const { port, hostname } = new URL(process.env.https_proxy ?? "http://127.0.0.1:3128");
const ca = process.env.SSL_CERT_FILE && fs.readFileSync(process.env.SSL_CERT_FILE);
const ask = ([host, text, servername]) => new Promise((done) => {
  const fail = (error) => { console.log("failed", error.code); done(); };
  http.request({ host: hostname, port, method: "CONNECT", path: host }).on("error", fail).on("connect", (answer, socket) => {
    if (answer.statusCode !== 200) return done(console.log("closed", answer.statusCode));
    const secure = tls.connect({ socket, servername: servername ?? host.split(":")[0], ca, checkServerIdentity() {} });
    secure.on("error", fail).on("secureConnect", () => secure.write(text));
    secure.on("data", (bytes) => process.stdout.write(bytes + "\\n")).on("close", done);
  }).end();
});
(async () => { for (const one of JSON.parse(process.argv[1])) await ask(one); process.exit(); })();`;
const asks = (...all: [host: string, text: string, servername?: string][]) =>
  `node -e '${CLIENT}' '${JSON.stringify(all)}'`;
const line = (method: string, path: string, host: string, ...more: string[]) =>
  [`${method} ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...more, "", ""].join("\r\n");

describe.skipIf(here.length === 0).for(here)(
  "a command that reads from registries in %s (needs a sandbox)",
  (mode: SandboxMode) => {
    let standIn: StandIn;
    let host: string;
    let run: (command: string, more?: Partial<CommandRequest>) => Promise<string>;
    let folder: string;
    const log: RegistryRequest[] = [];
    const hasNetwork = mode !== "own-uid without sockets" ? test : () => {};
    const onPort = mode.startsWith("own-uid") ? test : () => {};

    beforeAll(async () => {
      standIn = await startStandIn(newIdentity(["localhost"], new Date()));
      standIn.answers = (asked, answer) =>
        answer
          .writeHead(asked.url === "/private/refused" ? 401 : 200, {
            "www-authenticate": String(asked.headers.authorization),
          })
          .end(`read ${asked.url} by ${asked.headers.authorization ?? "anyone"}`);
      host = `localhost:${standIn.port}`;
      const scratch = await scratchFolder();
      chmodSync(scratch, 0o755);
      folder = join(scratch, "workspace");
      const registry = { ecosystem: "npm", host, names: ["@acme/*"] } as const;
      const own = [
        { ...registry, names: [], path: "/private/", credential: "acme" },
        { ...registry, names: [], path: "/maven/", credential: "nexus" },
        { ...registry, names: [], path: "/open/" },
      ];
      const sandbox = await probeSandbox({
        unsafe: false,
        modes: [mode],
        launcher: mode.startsWith("own-uid") ? compileLauncher(scratch) : "",
        registries: { own, credentials, log: (request) => log.push(request) },
        policy: {
          refuses: () => undefined,
          refusesAddress: (_, address) => (["127.0.0.1", "::1"].includes(address) ? undefined : "closed."),
        },
      });
      expect(sandbox.mode).toBe(mode);
      const folders = foldersIn(folder);
      await makeFolders(folders, sandbox.owner);
      run = async (command, more = { network: "registries" }) =>
        (await sandbox.run(folders, { command, timeoutMs: 20_000, maxBytes: 100_000, ...more })).output;
    });
    afterAll(() => standIn?.[Symbol.asyncDispose]());

    hasNetwork("gets packages, and nothing of it goes anywhere else or is an upload", async () => {
      standIn.forget();
      const output = await run(
        asks(
          [host, line("GET", "/open/a", host)],
          [host, line("PUT", "/open/b", host, "Authorization: Bearer theirs", "Content-Length: 4", "", "data")],
          [host, line("POST", "/private/c", host, "Content-Length: 4", "", "data")],
          [host, line("GET", "/private/../open/d", host)],
          [host, line("GET", "/private/..;/open/e", host)],
          [host, line("GET", "/elsewhere/f", host)],
          [host, line("GET", "/open/g", "evil.example")],
          [host, line("GET", "/open/h", host), "evil.example"],
          ["evil.example:443", line("GET", "/i", "evil.example")],
          [`127.0.0.1:${standIn.port}`, line("GET", "/open/j", host), "localhost"],
          [`localhost:${standIn.port + 1}`, line("GET", "/open/k", host)],
          ["169.254.169.254:80", line("GET", "/l", "169.254.169.254")],
        ),
      );
      expect(output).toContain("read /open/a by anyone");
      expect(output.match(/HTTP\/1\.1 \d+/g)).toEqual(
        [200, 405, 405, 403, 403, 403, 421].map((code) => `HTTP/1.1 ${code}`),
      );
      expect(output.match(/closed \d+/g)).toEqual(Array(4).fill("closed 403"));
      expect(standIn.arrived().match(/^[A-Z]+ \S+/gm)).toEqual(["GET /open/a"]);
    });

    hasNetwork("has what a credential opens, and never sees the credential nor a key", async () => {
      standIn.forget();
      const secret = SECRETS.map((one) => `-e '${one}'`).join(" ");
      // Without mounts the rest is the machine's own.
      const more = mode === "own-uid" ? "" : "/run /tmp /dev/shm /etc /opt";
      const places = `"$(dirname "$SSL_CERT_FILE")" "$HOME" "$TMPDIR" . ${more}`;
      const output = await run(
        [
          asks([host, line("GET", "/private/refused", host)], [host, line("GET", "/maven/../x", host)]),
          "env",
          "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -v grep",
          `grep -rsF ${secret} ${places} | grep -v ^/proc`,
          `ls -ln "$(dirname "$SSL_CERT_FILE")"`,
        ].join("; "),
      );
      expect(standIn.arrived()).toContain(`authorization: Bearer ${TOKEN}`);
      expect(output).toContain("HTTP/1.1 401");
      expect(output).toContain("ca.pem");
      const seen = output.replaceAll(/-e '[^']*'|-e\n[^\n]*/g, "") + JSON.stringify(log);
      for (const one of SECRETS) expect(seen.includes(one), one).toBe(false);
      // On the machine, too, no key was ever written.
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      for (const file of files)
        expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toMatch(/PRIVATE KEY/);
    });

    hasNetwork("cannot change what clients trust, for itself or for the next", async () => {
      const change =
        'for f in "$SSL_CERT_FILE" "$(dirname "$SSL_CERT_FILE")/x"; do echo x 2>/dev/null >"$f" && echo wrote; done; mv "$SSL_CERT_FILE" "$SSL_CERT_FILE.old" 2>/dev/null && echo moved';
      expect(await run(`${change}; ${asks([host, line("GET", "/open/a", host)])}`)).toMatch(/^HTTP\/1\.1 200/);
      const [first, second] = [await run('cat "$SSL_CERT_FILE"'), await run('cat "$SSL_CERT_FILE"')];
      expect([first.includes("BEGIN CERTIFICATE"), first === second]).toEqual([true, false]);
    });

    test("without network has neither the variables nor a way", async () => {
      standIn.forget();
      const output = await run(
        `env | grep -iE '_proxy=|cert|_ca|cafile|trustStore|-gs '; ls /run/cody "$HOME/../proxy" 2>/dev/null; ${asks([host, line("GET", "/open/a", host)])}; exec 2>/dev/null 9<>/dev/tcp/127.0.0.1/${standIn.port} && echo through`,
        {},
      );
      expect(output).toMatch(/^failed E\w+\n$/);
      expect(standIn.arrived()).toBe("");
    });

    onPort("does not reach the proxy of another run's command", async () => {
      await using other = await startProxied(standIn, { own: [{ ecosystem: "npm", host, path: "/", names: [] }] });
      const through = `https_proxy=http://127.0.0.1:${other.port} ${asks([host, line("GET", "/x", host)])}`;
      for (const network of [undefined, "registries"] as const)
        expect(await run(through, network ? { network } : {})).toMatch(/^failed E\w+\n/);
      expect(other.log).toEqual([]);
    });
  },
);
