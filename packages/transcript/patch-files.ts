import { unquoted } from "./quoted-path.ts";

export type PatchLine = {
  kind: "same" | "added" | "removed";
  text: string;
  oldNumber?: number;
  newNumber?: number;
  noNewline?: true;
};
export type Hunk = { heading: string; lines: PatchLine[] };
export type PatchFile = {
  path: string;
  oldPath?: string;
  change: "added" | "deleted" | "renamed" | "copied" | "changed";
  /** What is not a line: a mode, a symbolic link, binary content. */
  facts: string[];
  additions: number;
  deletions: number;
  hunks: Hunk[];
};

/**
 * Reads what `git diff --binary --full-index` wrote. A hunk has exactly the lines that its header counts, and only LF
 * ends a line: nothing in a file's content can end a hunk early, begin another file, or fall between two lines (readers
 * that also split at a carriage return lose what stands behind it). What is not understood is handed back as `unread`.
 */
export function patchFiles(patch: string): { files: PatchFile[]; unread: string } {
  const lines = patch.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const files: PatchFile[] = [];
  let at = 0;
  while (at < lines.length && lines[at]!.startsWith("diff --git ")) {
    const read = readFile(lines, at);
    files.push(read.file);
    at = read.end;
    if (read.broken) break;
  }
  return { files, unread: lines.slice(at).join("\n") };
}

function readFile(lines: readonly string[], start: number): { file: PatchFile; end: number; broken: boolean } {
  const bodyAt = (line: string) => line.startsWith("@@ ") || line === "GIT binary patch";
  let at = start + 1;
  while (at < lines.length && !bodyAt(lines[at]!) && !lines[at]!.startsWith("diff --git ")) at += 1;
  const file = headOf(lines[start]!, lines.slice(start + 1, at));
  if (lines[at] === "GIT binary patch") {
    file.facts.push("binary content, not shown");
    while (at < lines.length && !lines[at]!.startsWith("diff --git ")) at += 1;
    return { file, end: at, broken: false };
  }
  while (lines[at]?.startsWith("@@ ")) {
    const read = readHunk(lines, at);
    if (!read) return { file, end: at, broken: true };
    file.hunks.push(read.hunk);
    at = read.end;
  }
  const all = file.hunks.flatMap((hunk) => hunk.lines);
  file.additions = all.filter(({ kind }) => kind === "added").length;
  file.deletions = all.filter(({ kind }) => kind === "removed").length;
  return { file, end: at, broken: false };
}

function headOf(first: string, head: readonly string[]): PatchFile {
  const value = (start: string) => head.find((line) => line.startsWith(start))?.slice(start.length);
  const named = (start: string, prefix: string) => {
    // git ends a path that holds a space with a tab.
    const path = value(start)?.replace(/\t$/, "");
    return path === undefined || path === "/dev/null" ? undefined : unquoted(path).slice(prefix.length);
  };
  const oldPath = named("rename from ", "") ?? named("copy from ", "");
  const path =
    named("rename to ", "") ?? named("copy to ", "") ?? named("+++ ", "b/") ?? named("--- ", "a/") ?? twiceNamed(first);
  const [oldMode, newMode] = [value("old mode "), value("new mode ")];
  const mode = value("new file mode ") ?? value("deleted file mode ") ?? newMode;
  return {
    path,
    ...(oldPath !== undefined && { oldPath }),
    change: value("new file mode ")
      ? "added"
      : value("deleted file mode ")
        ? "deleted"
        : value("rename from ")
          ? "renamed"
          : value("copy from ")
            ? "copied"
            : "changed",
    facts: [
      ...(oldMode && newMode ? [`mode ${oldMode} is now ${newMode}`] : []),
      ...(mode === "120000" ? ["symbolic link"] : mode === "160000" ? ["submodule"] : []),
      ...(mode === "100755" && !oldMode ? ["executable"] : []),
    ],
    additions: 0,
    deletions: 0,
    hunks: [],
  };
}

/** `diff --git a/x b/x` without other lines that name a file: both names are the same, so each is half of it. */
function twiceNamed(first: string): string {
  const names = first.slice("diff --git ".length);
  return unquoted(names.slice((names.length + 1) / 2)).slice("b/".length);
}

function readHunk(lines: readonly string[], start: number): { hunk: Hunk; end: number } | undefined {
  const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s.exec(lines[start]!);
  if (!header) return undefined;
  let [oldNumber, oldLeft, newNumber, newLeft] = header.slice(1, 5).map((figure) => Number(figure ?? 1)) as [
    number,
    number,
    number,
    number,
  ];
  const hunk: Hunk = { heading: header[5]!, lines: [] };
  let at = start + 1;
  for (; oldLeft > 0 || newLeft > 0 || lines[at]?.startsWith("\\"); at += 1) {
    const line = lines[at];
    if (line === undefined) return undefined;
    const [mark, text] = [line[0], line.slice(1)];
    if (mark === " " && oldLeft-- > 0 && newLeft-- > 0)
      hunk.lines.push({ kind: "same", text, oldNumber: oldNumber++, newNumber: newNumber++ });
    else if (mark === "-" && oldLeft-- > 0) hunk.lines.push({ kind: "removed", text, oldNumber: oldNumber++ });
    else if (mark === "+" && newLeft-- > 0) hunk.lines.push({ kind: "added", text, newNumber: newNumber++ });
    else if (mark === "\\" && hunk.lines.length > 0) hunk.lines.at(-1)!.noNewline = true;
    else return undefined;
  }
  return { hunk, end: at };
}
