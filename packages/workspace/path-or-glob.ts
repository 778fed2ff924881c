import { fitsName } from "../text/name-pattern.ts";
import { keyOf, keysOf } from "./spelling.ts";

/**
 * The paths that a text names when it is no glob: a file, or what is in a folder. Without a slash, and where the root has
 * no such folder, names anywhere. What only looks the same counts when nothing is exactly so.
 */
export function withPath(all: readonly string[], text: string): string[] {
  const path = text.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
  if (path === "" || path === ".") return /^[./]+$/.test(text) ? [...all] : [];
  const exact = at(all, path, (one) => one);
  if (exact.length > 0 || /^[\w./-]+$/.test(path)) return exact;
  const keys = new Set(
    path
      .split("/")
      .reduce<string[]>(
        (ways, name) => ways.flatMap((way) => keysOf(name).map((key) => (way === "" ? key : `${way}/${key}`))),
        [""],
      ),
  );
  return [...keys].flatMap((key) => at(all, key, keyOf));
}

function at(all: readonly string[], path: string, as: (one: string) => string): string[] {
  const below = `${path}/`;
  const here = all.filter((one) => as(one) === path || as(one).startsWith(below));
  if (path.includes("/") || here.some((one) => as(one) !== path)) return here;
  return all.filter((one) => as(one).split("/").includes(path));
}

/** Next.js calls a folder `[slug]`: brackets that stand so in the name of a file or folder mean themselves. */
export function withLiteralBrackets(all: readonly string[], glob: string): string | undefined {
  if (!glob.includes("[")) return undefined;
  const names = new Set(all.flatMap((path) => path.split("/")).filter((name) => name.includes("[")));
  const parts = glob.split("/").map((part) => {
    const literal = part.includes("[") && [...names].some((name) => fitsName(name, part));
    return literal ? part.replace(/[[\]]/g, "\\$&") : part;
  });
  const literal = parts.join("/");
  return literal === glob ? undefined : literal;
}
