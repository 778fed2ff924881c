import { lstatSync } from "node:fs";
import { type BytePath, foldersAbove, placeOf } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Those with a file of that name (.gitattributes, .gitignore) in a folder above them, the root among these: most
 * repositories have few, and git need not be asked about the other paths.
 */
export function belowFileNamed(name: string, workspace: Workspace, paths: readonly BytePath[]): BytePath[] {
  const has = new Map<BytePath, boolean>();
  const look = (folder: BytePath) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return lstatSync(placeOf(workspace, path), { throwIfNoEntry: false })?.isFile() ?? false;
  };
  const standsIn = (folder: BytePath) => {
    let known = has.get(folder);
    if (known === undefined) {
      known = orNot(() => look(folder));
      has.set(folder, known);
    }
    return known;
  };
  return paths.filter((path) => standsIn("") || [...foldersAbove(path)].some(standsIn));
}

/** A link in a circle or a name that is too long: git reads none there either. */
function orNot(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
