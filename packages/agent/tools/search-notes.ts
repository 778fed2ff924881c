import { listed, someListed } from "../../text/lists.ts";
import type { LeftOut, TreeSearchResult } from "../tree.ts";
import { showName } from "./text.ts";

const MAX_NAMED = 8;

const WORDS: Record<LeftOut["why"], (names: string, many: boolean) => string> = {
  ignored: (names) => `What git ignores was not searched: ${names}`,
  submodule: (names, many) => `${names} ${many ? "are submodules" : "is a submodule"}: its files are not in this clone`,
  "LFS pointer": (names, many) =>
    `${names} ${many ? "are Git LFS pointers" : "is a Git LFS pointer"}: the content is not in this clone`,
  "too large": (names) => `Too large to be searched: ${names}`,
  "hard link": (names) => `Hard links, which may be files outside the repository, were not searched: ${names}`,
  unreadable: (names) => `Could not be opened: ${names}`,
  "too slow": (names) => `The expression takes too long on some lines, so not all was searched in: ${names}`,
  "unknown encoding": (names) =>
    `Not UTF-8 and of unknown encoding, so letters outside ASCII may have been missed in: ${names}`,
};

/** What was not looked at, a sentence a kind: without it "no match" would say more than is known. */
export function leftOutOf({
  leftOut,
  binaries,
  guessed,
}: Pick<TreeSearchResult, "leftOut" | "binaries" | "guessed">): string[] {
  return [
    ...(binaries.length > 0
      ? [`Binary ${binaries.length === 1 ? "file matches" : "files match"}: ${named(binaries)}`]
      : []),
    ...(guessed.length > 0
      ? [
          `Not UTF-8, read as a guess: ${listed(
            guessed.slice(0, MAX_NAMED).map(({ path, encoding }) => `${showName(path)} (${encoding})`),
            "and",
          )}`,
        ]
      : []),
    ...leftOut
      .filter(({ paths }) => paths.length > 0)
      .map(({ why, paths }) => WORDS[why](named(paths), paths.length > 1)),
  ].map((sentence) => `${sentence}.`);
}

const named = (paths: readonly string[]) => someListed(paths.map(showName), MAX_NAMED, "path");
