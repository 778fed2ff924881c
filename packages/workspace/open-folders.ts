import { closeSync, constants, lstatSync, openSync, realpathSync } from "node:fs";
import { placeIn } from "./spelling.ts";
import type { Workspace } from "./workspace.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/**
 * Finds many paths, in sorted order, without following a link in any folder on the way: each folder is opened from the
 * one above it and held while the paths in it are looked at.
 */
export class OpenFolders {
  private readonly held: { name: string; fd: number; place: string | Buffer }[] = [];

  constructor({ tree }: Pick<Workspace, "tree">) {
    this.hold("", tree);
  }

  /** Where the path stands; undefined when a folder above it is a link, is gone, or cannot be opened. */
  placeOf(path: string): Buffer | undefined {
    const names = path.split("/");
    const name = names.pop()!;
    let depth = 1;
    while (depth <= names.length && this.held[depth]?.name === names[depth - 1]) depth++;
    for (const { fd } of this.held.splice(depth)) closeSync(fd);
    try {
      for (const step of names.slice(depth - 1)) this.hold(step, placeIn(this.held.at(-1)!.place, step));
    } catch {
      return undefined;
    }
    return placeIn(this.held.at(-1)!.place, name);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.held.splice(0)) closeSync(fd);
  }

  private hold(name: string, folder: string | Buffer): void {
    const fd = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const place = process.platform === "linux" ? `/proc/self/fd/${fd}` : realpathSync(folder, "buffer");
    this.held.push({ name, fd, place });
  }
}

export const lookAt = (place: Buffer) => lstatSync(place, { throwIfNoEntry: false });
