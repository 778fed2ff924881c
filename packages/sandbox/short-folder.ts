import { lstat, mkdtemp, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode } from "../filesystem/error-code.ts";
import { wipe } from "../filesystem/wipe.ts";

/** sockaddr_un holds 108 bytes with the one that ends them on Linux (unix(7)), 104 on macOS. */
export const MAX_SOCKET_PATH_BYTES = 103;
const PREFIX = "cody-net-";
const SOCKET = "socket";
/** Before its proxy listens a folder looks like one whose proxy has died. */
const YOUNG_MS = 60_000;

const candidateFolders = () => [...new Set([tmpdir(), "/tmp", "/var/tmp", "/dev/shm", "/run"])];

export type SocketFolder = AsyncDisposable & { folder: string; socket: string };

/** A folder for one UNIX socket, closed to others (0700), where its path is short enough whatever our own folders are called. */
export async function makeSocketFolder(candidates: readonly string[] = candidateFolders()): Promise<SocketFolder> {
  const tried: string[] = [];
  let cause: unknown;
  for (const place of candidates) {
    if (Buffer.byteLength(join(place, `${PREFIX}XXXXXX`, SOCKET)) > MAX_SOCKET_PATH_BYTES) {
      tried.push(`${place}: too long a path`);
      continue;
    }
    try {
      const folder = await mkdtemp(join(place, PREFIX));
      return { folder, socket: join(folder, SOCKET), [Symbol.asyncDispose]: () => wipe(folder) };
    } catch (error) {
      cause = error;
      tried.push(`${place}: ${error instanceof Error ? error.message.split(",")[0] : error}`);
    }
  }
  throw new Error(`no folder can hold the proxy's socket (${tried.join("; ")})`, { cause });
}

/** What runners that were killed left behind: folders of ours in which no proxy answers. */
export async function removeDeadSocketFolders(candidates: readonly string[] = candidateFolders(), now = Date.now()) {
  for (const place of candidates)
    for (const name of await readdir(place).catch(() => [])) {
      if (!name.startsWith(PREFIX)) continue;
      const folder = join(place, name);
      const found = await lstat(folder).catch(() => undefined);
      if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
      if (now - found.mtimeMs < YOUNG_MS || (await answers(join(folder, SOCKET)))) continue;
      await wipe(folder).catch(() => {}); // Another runner was faster.
    }
}

/** A socket whose process has died refuses. */
const answers = (path: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(path)
      .on("connect", () => resolve(true))
      .on("error", (error) => resolve(!isCode(error, "ECONNREFUSED") && !isCode(error, "ENOENT")))
      .on("close", () => socket.destroy());
    socket.on("connect", () => socket.destroy());
  });
