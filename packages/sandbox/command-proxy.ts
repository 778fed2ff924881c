import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "./folders.ts";
import { type ClientFiles, clientFiles, type Trust } from "./network-environment.ts";
import type { ProxyPlace } from "./proxy/listen.ts";
import type { RunningProxy } from "./proxy/server.ts";
import { makeSocketFolder } from "./short-folder.ts";

/** The port inside a network namespace on which a command finds the proxy, as an HTTP proxy. */
export const INSIDE_PORT = 3128;

export type Owner = { uid: number; gid: number };

/** A proxy that listens, and what its clients must trust where it ends their TLS. */
export type ServedProxy = RunningProxy & { trust?: Trust };
export type ServeProxy = (where: ProxyPlace) => Promise<ServedProxy>;

/** The only way out for a command with network: a proxy of the harness, as the mode can reach it. */
export type CommandProxy = ServedProxy & {
  files: ClientFiles;
  /** On the machine, for a mode that mounts it: the socket, which only `owner` may use. */
  socket?: string;
  /** For a mode without mounts: the folder of the files. */
  folder?: string;
};

/** On a UNIX socket, for a network namespace. */
export async function openSocketProxy(serve: ServeProxy, owner: Owner | undefined): Promise<CommandProxy> {
  const { folder, socket, [Symbol.asyncDispose]: remove } = await makeSocketFolder();
  try {
    const proxy = await serve({ path: socket });
    await chmod(socket, 0o600);
    if (owner) await chown(socket, owner.uid, owner.gid);
    const files = clientFiles(INSIDE_PORT, proxy.trust);
    return withEnd({ ...proxy, files, socket, port: INSIDE_PORT }, proxy, remove);
  } catch (error) {
    await remove();
    throw new Error(`no proxy could listen in ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

/** On a port of 127.0.0.1, for a command without a network namespace, whose sockets are `clientUid`'s. */
export async function openPortProxy(serve: ServeProxy, folders: Folders, clientUid?: number): Promise<CommandProxy> {
  const folder = join(folders.folder, "proxy");
  const remove = () => rm(folder, { recursive: true, force: true });
  const proxy = await serve({ host: "127.0.0.1", port: 0, ...(clientUid !== undefined && { clientUid }) });
  try {
    await remove();
    await mkdir(folder, { mode: 0o755 });
    const files = clientFiles(proxy.port, proxy.trust);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes, { mode: 0o644 });
    return withEnd({ ...proxy, files, folder }, proxy, remove);
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

/** The command inside the sandbox: listens on the loopback of the namespace, starts the command, and ends with its exit code. */
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
