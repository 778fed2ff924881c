import { existsSync } from "node:fs";
import { isBelow, isSystem, type Toolchains } from "./toolchains.ts";

/** Toolchains as a mode that mounts shows them: read-only, `path` on the machine and `inside` the sandbox. */
export type PlacedToolchains = {
  mounts: { path: string; inside: string }[];
  /** PATH, inside. */
  path: string[];
  variables: Record<string, string>;
  /** Folders of PATH that are not seen inside. */
  left: readonly string[];
  /** A path of the machine, as it is seen inside. */
  seenAs(path: string): string;
};

/**
 * At its own place wherever it can be: scripts, and programs with libraries of their own, know the place by its name. A
 * mount point below a folder that commands write (/tmp, the home, the tree) is never made, though: a command could plant
 * a link there, and bubblewrap before 0.12 would follow it outside the sandbox when it makes the next command's mount
 * points (CVE-2026-87766). What stands below such a name on the machine moves to /opt/cody. `own`: the folders that the
 * mode mounts or makes itself.
 */
export function placeToolchains(toolchains: Toolchains, own: readonly string[]): PlacedToolchains {
  const isTaken = (path: string) =>
    [...ALWAYS_OWN, ...own].some((folder) => isBelow(path, folder) || isBelow(folder, path));
  const mounts = toolchains.shown
    .filter((path) => existsSync(path) && !isSystem(path))
    .map((path, i) => ({ path, inside: isTaken(path) ? `${MOVED}/tool${i}` : path }));
  const seenAs = (path: string) => {
    const mount = mounts.find((one) => isBelow(path, one.path));
    return mount ? mount.inside + path.slice(mount.path.length) : path;
  };
  return {
    mounts,
    path: toolchains.path.map(seenAs),
    left: toolchains.left,
    seenAs,
    variables: Object.fromEntries(Object.entries(toolchains.variables).map(([name, path]) => [name, seenAs(path)])),
  };
}

/** For a mode without mounts: everything stands where it stands. */
export const inPlace = ({ path, variables, left }: Toolchains): PlacedToolchains => ({
  mounts: [],
  left,
  path: [...path],
  variables: { ...variables },
  seenAs: (one) => one,
});

const MOVED = "/opt/cody";
/** Folders of every sandbox: commands write to the first two. */
const ALWAYS_OWN = ["/tmp", "/var/tmp", "/proc", "/dev", "/sys", "/run", "/etc", MOVED];
