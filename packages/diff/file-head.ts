import { FILE_START } from "./file-starts.ts";
import { unquoted } from "./quoted-path.ts";

/** What stands before a file's content. */
export type FileHead = {
  path: string;
  oldPath?: string;
  change: "added" | "deleted" | "renamed" | "copied" | "changed";
  /** Octal, as git writes it: that of the file, or the old and the new one where it changed. */
  mode?: string;
  oldMode?: string;
};

export function headOf(first: string, rest: readonly string[]): FileHead {
  const value = (start: string) => rest.find((line) => line.startsWith(start))?.slice(start.length);
  const oldPath = value("rename from ") ?? value("copy from ");
  const newPath = value("rename to ") ?? value("copy to ");
  const path =
    newPath === undefined ? (sideOf(value("+++ ")) ?? sideOf(value("--- ")) ?? twiceNamed(first)) : unquoted(newPath);
  const mode = value("new file mode ") ?? value("deleted file mode ") ?? value("new mode ");
  const oldMode = value("old mode ");
  return {
    path,
    ...(oldPath !== undefined && { oldPath: unquoted(oldPath) }),
    change: value("new file mode ")
      ? "added"
      : value("deleted file mode ")
        ? "deleted"
        : value("rename from ")
          ? "renamed"
          : value("copy from ")
            ? "copied"
            : "changed",
    ...(mode !== undefined && { mode }),
    ...(oldMode !== undefined && { oldMode }),
  };
}

/** git ends a path that holds a space with a tab, and has `/dev/null` for a side that is not there. */
function sideOf(side: string | undefined): string | undefined {
  const path = side?.replace(/\t$/, "");
  return path === undefined || path === "/dev/null" ? undefined : withoutPrefix(unquoted(path));
}

/** `diff --git a/x b/x` without other lines that name a file: both names are the same, so each is half of it. */
function twiceNamed(first: string): string {
  const names = first.slice(FILE_START.length);
  return withoutPrefix(unquoted(names.slice((names.length + 1) / 2)));
}

/** `a/` and `b/`, or `i/`, `w/` and their like where a person's settings say so. */
const withoutPrefix = (path: string) => path.replace(/^[a-z]\//, "");
