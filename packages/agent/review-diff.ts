import { isLockFile } from "../diff/lock-files.ts";
import { type PatchFile, patchFiles } from "../diff/patch-files.ts";
import { plural } from "../text/counts.ts";
import { someListed } from "../text/lists.ts";

const MAX_NAMED = 5;

/**
 * A change as its author looks over it once more: lock files by their counts, and of a later round only what is new
 * since `reviewed`, the change that the round began with. Pure.
 */
export function reviewDiff(diff: string, reviewed = ""): string {
  const before = new Map(sectionsOf(reviewed).map((section) => [nameOf(section), section]));
  const seen: string[] = [];
  const shown = sectionsOf(diff).map((section) => {
    const name = nameOf(section);
    const earlier = before.get(name);
    if (earlier !== undefined && isAlike(section, earlier)) {
      seen.push(fileOf(section)?.path ?? name);
      return "";
    }
    const file = fileOf(section);
    return file && isLockFile(file.path) ? `${file.path}: ${countsOf(file)}, a lock file\n` : section;
  });
  const rest =
    seen.length === 0
      ? ""
      : `As in the round before, and not shown again: ${plural(seen.length, "file")} (${someListed(seen, MAX_NAMED)}).\n`;
  return shown.join("") + rest;
}

/** Only LF ends a line of git's; each line of a file's content has a mark in front. */
const sectionsOf = (diff: string) => diff.split(/(?<=\n)(?=diff --git )/).filter((section) => section !== "");

const nameOf = (section: string) => section.slice(0, section.indexOf("\n"));

const fileOf = (section: string): PatchFile | undefined => patchFiles(Buffer.from(section)).files[0];

/** The same content before and after: blobs are named in full in a patch, in short in a diff to read. */
function isAlike(one: string, other: string): boolean {
  const [mine, theirs] = [one, other].map((section) => /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m.exec(section));
  if (!mine || !theirs) return !mine && !theirs && one === other;
  return [1, 2].every((side) => mine[side]!.startsWith(theirs[side]!) || theirs[side]!.startsWith(mine[side]!));
}

const countsOf = ({ binary, additions, deletions }: PatchFile) => (binary ? "binary" : `+${additions} −${deletions}`);
