import { type BytePath, textPath } from "./byte-path.ts";

/** One path of a tree that differs from the base commit, as `git diff-tree --raw` lists it. */
export type RawChange = {
  /** For people and rules; bytes that are not UTF-8 became U+FFFD. */
  path: string;
  bytes: BytePath;
  oldMode: string;
  newMode: string;
  newId: string;
};

/** `:100644 100755 <id> <id> M\0path\0`, see git-diff-tree(1), "Raw output format". */
export function parseRaw(raw: Buffer): RawChange[] {
  const fields = raw.toString("latin1").split("\0").filter(Boolean);
  return fields.flatMap((field, i) => {
    if (i % 2 === 1) return [];
    const [oldMode = "", newMode = "", , newId = ""] = field.slice(1).split(" ");
    const bytes = fields[i + 1] ?? "";
    return [{ path: textPath(bytes), bytes, oldMode, newMode, newId }];
  });
}
