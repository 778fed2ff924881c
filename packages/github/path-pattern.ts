import { fitsName } from "../text/name-pattern.ts";

/**
 * Whether a path is what a line of .gitignore names: a file, or all below a folder. Without a slash inside, the name
 * counts in every folder; `**` stands for any number of folders. Without case, since some file systems compare so.
 */
export function fitsPattern(path: string, pattern: string): boolean {
  const plain = pattern.toLowerCase().replace(/^\/+|\/+$/g, "");
  const anchored = pattern.startsWith("/") || plain.includes("/");
  const parts = (anchored ? plain : `**/${plain}`).split("/");
  return fits(path.toLowerCase().split("/"), parts);
}

/** Whole names from the root on; what is left of the path stands below what the pattern names. */
function fits(names: readonly string[], parts: readonly string[]): boolean {
  // For each place in the pattern: the places in the path that it can have come to.
  let reached = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reached) {
      if (part === "**") for (let to = at; to <= names.length; to += 1) next.add(to);
      else if (at < names.length && fitsName(names[at]!, part)) next.add(at + 1);
    }
    reached = next;
  }
  return [...reached].some((at) => at > 0);
}
