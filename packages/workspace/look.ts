import { lstatSync, type Stats } from "node:fs";
import { type BytePath, placeOf } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

export type Seen =
  | { kind: "link"; bytes: number }
  /** `shared`: the file has another name besides, so a write there would change it here. */
  | { kind: "file"; bytes: number; program: boolean; shared: boolean }
  | { kind: "folder" | "nothing" }
  /** A FIFO, a socket, a device, or what may not be looked at. */
  | { kind: "other"; what: string };

/** Looks without following a link, neither the path itself nor a folder above it. Folders are asked about once. */
export function createLook(workspace: Workspace) {
  const folders = new Map<BytePath, Seen>();

  function at(path: BytePath): Seen {
    const up = path.lastIndexOf("/");
    if (up > 0 && folder(path.slice(0, up)).kind !== "folder") return { kind: "nothing" };
    return seen(() => lstatSync(placeOf(workspace, path)));
  }

  function folder(path: BytePath): Seen {
    const known = folders.get(path) ?? at(path);
    folders.set(path, known);
    return known;
  }

  return { at, folder };
}
export type Look = ReturnType<typeof createLook>;

/** A link in a circle and a name that is too long for this machine are nothing: no file can stand there. */
const NOTHING = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

function seen(look: () => Stats): Seen {
  try {
    const facts = look();
    if (facts.isSymbolicLink()) return { kind: "link", bytes: facts.size };
    if (facts.isFile())
      return { kind: "file", bytes: facts.size, program: (facts.mode & 0o100) !== 0, shared: facts.nlink > 1 };
    if (facts.isDirectory()) return { kind: "folder" };
    return { kind: "other", what: facts.isFIFO() ? "a FIFO" : facts.isSocket() ? "a socket" : "a device" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (NOTHING.has(code)) return { kind: "nothing" };
    return { kind: "other", what: `something that cannot be looked at (${code || "unknown error"})` };
  }
}
