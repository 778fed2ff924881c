import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "./folders.ts";
import { destinations, type Policy } from "./proxy/destinations.ts";
import { limitsFor } from "./proxy/outside.ts";
import { type RunningProxy, startProxy } from "./proxy/server.ts";
import { ownLimits } from "./resources.ts";
import { makeSocketFolder } from "./short-folder.ts";

/** The port inside a network namespace on which a command finds the proxy, as an HTTP proxy. */
export const INSIDE_PORT = 3128;

export type Owner = { uid: number; gid: number };

/** The only way out for a command with network: a proxy of the harness (proxy/server.ts), as the mode can reach it. */
export type CommandProxy = RunningProxy & {
  /** On the machine, for a mode that mounts it: the socket, which only `owner` may use. */
  socket?: string;
  /** For a mode without mounts: the folder of Maven's settings. */
  folder?: string;
};

/** On a UNIX socket, for a network namespace. */
export async function openSocketProxy(
  owner: Owner | undefined,
  policy: Policy = destinations(),
): Promise<CommandProxy> {
  const { folder, socket, [Symbol.asyncDispose]: remove } = await makeSocketFolder();
  try {
    const proxy = await startProxy({ path: socket }, policy, limitsFor(ownLimits().nofile));
    await chmod(socket, 0o600);
    if (owner) await chown(socket, owner.uid, owner.gid);
    return withEnd({ ...proxy, socket, port: INSIDE_PORT }, proxy, remove);
  } catch (error) {
    await remove();
    throw new Error(`no proxy could listen in ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

/** On a port of 127.0.0.1, for a supervised command. */
export async function openPortProxy(folders: Folders, policy: Policy = destinations()): Promise<CommandProxy> {
  const folder = join(folders.folder, "proxy");
  const remove = () => rm(folder, { recursive: true, force: true });
  const proxy = await startProxy({ host: "127.0.0.1", port: 0 }, policy, limitsFor(ownLimits().nofile));
  try {
    await remove();
    await mkdir(folder, { mode: 0o755 });
    await writeFile(join(folder, MAVEN_SETTINGS), mavenSettings(proxy.port), { mode: 0o644 });
    return withEnd({ ...proxy, folder }, proxy, remove);
  } catch (error) {
    await proxy[Symbol.asyncDispose]();
    await remove();
    throw error;
  }
}

const withEnd = (command: CommandProxy, proxy: RunningProxy, remove: () => PromiseLike<void>): CommandProxy => ({
  ...command,
  async [Symbol.asyncDispose]() {
    await proxy[Symbol.asyncDispose]();
    await remove();
  },
});

/** SandboxedCommand: listens on the loopback of the namespace, starts the command, and ends with its exit code. */
const FORWARDER = `
const net = require("node:net");
const { spawn } = require("node:child_process");
net.createServer({ allowHalfOpen: true }, (client) => {
  const out = net.connect({ path: process.argv[1], allowHalfOpen: true });
  client.pipe(out).pipe(client);
  client.on("error", () => out.destroy()).on("close", () => out.destroy());
  out.on("error", () => client.destroy()).on("close", () => client.destroy());
}).on("error", () => {}).listen(${INSIDE_PORT}, "127.0.0.1", () => {
  const child = spawn(process.argv[2], process.argv.slice(3), { stdio: "inherit" });
  child.on("error", () => process.exit(127));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + require("node:os").constants.signals[signal]));
});`;

/** `node` and `socket`: as they are seen inside. */
export const throughProxy = (node: string, socket: string, argv: readonly string[]) => [
  ...[node, "-e", FORWARDER, socket],
  ...argv,
];

export const MAVEN_SETTINGS = "maven.xml";
export const mavenSettings = (port: number) =>
  `<settings><proxies>${["http", "https"]
    .map(
      (scheme) =>
        `<proxy><id>${scheme}</id><protocol>${scheme}</protocol><host>127.0.0.1</host><port>${port}</port></proxy>`,
    )
    .join("")}</proxies></settings>\n`;

/** What package managers look at; Maven looks only into its settings. `folder`: where these are, as it is seen inside. */
export function proxyEnvironment(folder: string, port: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`;
  const own = "localhost,127.0.0.1,::1";
  const java = ["http", "https"].map((scheme) => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${port}`);
  return {
    ...{ http_proxy: proxy, https_proxy: proxy, HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    ...{ no_proxy: own, NO_PROXY: own, NODE_USE_ENV_PROXY: "1" },
    ...{ GRADLE_OPTS: java.join(" "), MAVEN_OPTS: java.join(" ") },
    MAVEN_ARGS: `-gs ${join(folder, MAVEN_SETTINGS)}`,
  };
}
