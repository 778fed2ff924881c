/** Sets of characters by PCRE's names, as the inside of a class of JavaScript's `v` mode. */
type Sets = Record<string, string>;

/** For text that is ASCII alone, where they are faster. */
const ASCII: Sets = { d: "0-9", w: "0-9A-Z_a-z", s: "\\t-\\r " };
/** A Unicode locale: letters, digits and spaces of all scripts. */
const UNICODE: Sets = { d: "\\p{Nd}", w: "\\p{L}\\p{M}\\p{N}\\p{Pc}", s: "\\s\\x85" };

const POSIX: Sets = {
  alpha: "\\p{L}\\p{M}",
  digit: "\\p{Nd}",
  alnum: "\\p{L}\\p{M}\\p{N}",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s\\x85",
  blank: "\\t\\p{Zs}",
  punct: "\\p{P}\\x24\\x2b\\x3c-\\x3e\\x5e\\x60\\x7c\\x7e",
  cntrl: "\\p{Cc}",
  xdigit: "0-9A-Fa-f",
  word: "\\p{L}\\p{M}\\p{N}\\p{Pc}",
  ascii: "\\x00-\\x7f",
  print: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
  graph: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
};

const SPACES: Sets = { h: "\\t\\p{Zs}", v: "\\n-\\r\\x85\\u2028\\u2029" };

/** `\d`, `\W`, `\h`: the set in brackets; undefined for another letter. */
export function shorthand(letter: string, ascii: boolean): string | undefined {
  const lower = letter.toLowerCase();
  const set = SPACES[lower] ?? (ascii ? ASCII : UNICODE)[lower];
  if (set === undefined || !/[a-z]/i.test(letter)) return undefined;
  return letter === lower ? `[${set}]` : `[^${set}]`;
}

/** `alpha` or `^alpha` of `[[:alpha:]]`. */
export function posixClass(name: string): string | undefined {
  const set = POSIX[name.replace(/^\^/, "")];
  return set === undefined ? undefined : `[${name.startsWith("^") ? "^" : ""}${set}]`;
}

const ALSO: Sets = {
  Any: "Any",
  "L&": "LC",
  Xan: "L}\\p{N",
  Xwd: "L}\\p{N}\\p{Pc",
  Xsp: "White_Space",
  Xps: "White_Space",
};

/** `L`, `^Lu`, `Han`, `sc:Greek`: a category, a property or a script; undefined when Unicode has none of that name. */
export function property(name: string, negated: boolean): string | undefined {
  const plain = name.replace(/^\^/, "").replace(/[:=]/, "=").trim();
  const not = negated !== name.startsWith("^");
  for (const one of [ALSO[plain] ?? plain, `Script=${plain}`]) {
    const set = `[${not ? "^" : ""}\\p{${one}}]`;
    if (compiles(set)) return set;
  }
  return undefined;
}

function compiles(source: string): boolean {
  try {
    new RegExp(source, "v");
    return true;
  } catch {
    return false;
  }
}
