import { clip } from "../../text/cut.ts";
import { FileProblem } from "../file-problem.ts";
import { posixClass, property, shorthand } from "./pcre-classes.ts";

/**
 * A regular expression as PCRE writes it, in JavaScript's own engine, line by line: the one engine that is the same on
 * every machine, reads every encoding that we do, and can be stopped. What it cannot say is refused, never ignored.
 * `ascii`: for text that has nothing else.
 */
export function fromPcre(pattern: string, options: { ignoreCase: boolean; ascii: boolean }): RegExp {
  return compiled(new Translation(pattern, options).source(), options);
}

/** ASCII text that stands in every line that matches, so that most files need not be looked at line by line. */
export function neededBy(pattern: string, options: { ignoreCase: boolean }): string | undefined {
  const translation = new Translation(pattern, { ...options, ascii: false });
  translation.source();
  return translation.needed;
}

function compiled(source: string, options: { ignoreCase: boolean }): RegExp {
  try {
    return new RegExp(source, options.ignoreCase ? "iv" : "v");
  } catch (error) {
    throw problem(error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error));
  }
}

export const problem = (why: string) =>
  new FileProblem(`The search does not work: ${clip(why, 300)}. Correct it or search literally.`);

const notKnown = (what: string) => problem(`${what} is not supported`);

type Flags = { i: boolean; x: boolean };

class Translation {
  private at = 0;
  private readonly pattern: string;
  private readonly ascii: boolean;
  private readonly ignoreCase: boolean;
  private readonly names = new Map<string, number>();
  private readonly references: (number | string)[] = [];
  private groups = 0;
  private atomic = 0;
  private depth = 0;
  /** Plain characters that follow each other outside every group, and the longest such run so far. */
  private run = "";
  private longest = "";
  private optional = false;

  constructor(pattern: string, { ignoreCase, ascii }: { ignoreCase: boolean; ascii: boolean }) {
    this.pattern = pattern.replace(/^(\(\*(UTF8?|UCP|ANYCRLF|ANY|CRLF|LF|CR|NO_JIT)\))+/, "");
    this.ascii = ascii;
    this.ignoreCase = ignoreCase;
  }

  source(): string {
    const all = this.alternatives({ i: this.ignoreCase, x: false });
    if (this.at < this.pattern.length) throw problem("a ) closes nothing");
    for (const reference of this.references) this.groupOf(reference);
    return all;
  }

  get needed(): string | undefined {
    const longest = this.run.length > this.longest.length ? this.run : this.longest;
    return this.optional || longest.length < 2 ? undefined : longest;
  }

  /** Up to the end or an unopened `)`. Flags set inside count up to there, in later branches too. */
  private alternatives(outer: Flags): string {
    const flags = { ...outer };
    let source = "";
    while (this.at < this.pattern.length && !this.looking(")")) {
      const start = this.at;
      if (this.took("|")) {
        source += "|";
        this.optional ||= this.depth === 0;
        continue;
      }
      source += this.quantified(flags);
      if (this.depth === 0) this.note(this.pattern.slice(start, this.at), flags);
    }
    return source;
  }

  private note(written: string, { i, x }: Flags): void {
    const plain = !i && !x && /^(?:[\w =:;,<>@/"'&%#!~-]|\\[^\w\s])$/.test(written) && /^[\0-\x7f]+$/.test(written);
    if (plain) this.run += written.at(-1);
    else {
      if (this.run.length > this.longest.length) this.longest = this.run;
      this.run = "";
    }
  }

  private quantified(flags: Flags): string {
    const start = this.at;
    const atom = this.atom(flags);
    if (atom === "") return "";
    for (let source = atom, times = 0; ; times++) {
      if (flags.x) this.skipComments();
      const found = /^(?:[*+?]|\{(?=\d|,\d)(\d*)(,?)(\d*)\})([?+]?)/.exec(this.pattern.slice(this.at));
      if (!found) return source;
      if (times > 0 || start === this.at) throw problem("there is nothing to repeat");
      this.at += found[0].length;
      const [all, least, comma, most, kind] = found;
      const quantifier = all.startsWith("{") ? `{${least || 0}${comma}${most}}` : all[0]!;
      // An assertion cannot be repeated in JavaScript, and an escape would take a digit for its own.
      const repeated = `${/^(\(\?[=!<]|[\^$])/.test(atom) ? `(?:${source})` : source}${quantifier}`;
      source = kind === "+" ? this.atomically(repeated) : `${repeated}${kind}`;
    }
  }

  /** Once matched, never matched otherwise: JavaScript knows that of lookaheads alone. */
  private atomically(source: string): string {
    const name = `atomic${++this.atomic}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  private atom(flags: Flags): string {
    if (flags.x && this.skipComments()) return "";
    const char = this.next();
    switch (char) {
      case "(":
        return this.group(flags);
      case "[":
        return this.cased(this.characterClass(), flags);
      case "\\":
        return this.escape(flags);
      case ".":
        return "[^\\n]";
      case "^":
      case "$":
        return char;
      case "*":
      case "+":
      case "?":
        throw problem(`there is nothing to repeat before ${char}`);
      default:
        return this.cased(literal(char), flags);
    }
  }

  private cased(source: string, { i }: Flags): string {
    return i === this.ignoreCase ? source : `(?${i ? "i" : "-i"}:${source})`;
  }

  private group(flags: Flags): string {
    if (this.looking("*")) throw notKnown("a verb such as (*SKIP)");
    if (!this.took("?")) return this.closing(`(?<g${++this.groups}>`, flags);
    const name = this.match(/^(?:P?<|')([A-Za-z_]\w*)[>']/);
    if (name) {
      this.names.set(name[1]!, ++this.groups);
      return this.closing(`(?<g${this.groups}>`, flags);
    }
    if (this.match(/^#[^)]*\)/)) return "";
    const simple = this.match(/^(?::|=|!|<=|<!)/);
    if (simple) return this.closing(`(?${simple[0]}`, flags);
    if (this.took(">")) return this.atomically(this.closing("", flags, ""));
    const reference = this.match(/^P=(\w+)\)/);
    if (reference) return this.cased(this.reference(reference[1]!), flags);
    const set = this.match(/^(\^?)([imnsxJU]*)(?:-([imnsx]+))?([:)])/);
    if (!set) throw notKnown(`(?${this.pattern.slice(this.at, this.at + 6)}`);
    const [, reset, on = "", off = "", end] = set;
    const next = {
      i: on.includes("i") || (flags.i && reset === "" && !off.includes("i")),
      x: on.includes("x") || (flags.x && reset === "" && !off.includes("x")),
    };
    if (/[nJU]/.test(on)) throw notKnown(`(?${on})`);
    if (end === ":") return this.closing("(?:", next);
    Object.assign(flags, next);
    return "";
  }

  private closing(opening: string, flags: Flags, closing = ")"): string {
    this.depth++;
    const inside = this.alternatives(flags);
    this.depth--;
    if (!this.took(")")) throw problem("a ( is not closed");
    return `${opening}${inside}${closing}`;
  }

  private escape(flags: Flags): string {
    const quoted = this.match(/^Q([\s\S]*?)(?:\\E|$)/);
    if (quoted)
      return [...quoted[1]!].length > 1
        ? `(?:${[...quoted[1]!].map((char) => this.cased(literal(char), flags)).join("")})`
        : literal(quoted[1]!);
    const back = this.match(/^(?:g(-?\d+)|g\{(-?\d+|\w+)\}|k(?:\{|<|')(\w+)[}>']|([1-9]))/);
    if (back) return this.cased(this.reference(back[1] ?? back[2] ?? back[3] ?? back[4]!), flags);
    const unicode = this.property();
    if (unicode !== undefined) return unicode;
    const code = this.codePoint();
    if (code !== undefined) return this.cased(byCode(code), flags);
    const char = this.next();
    const set = shorthand(char, this.ascii);
    if (set !== undefined) return set;
    const special = this.special(char);
    if (special !== undefined) return special;
    if (/[A-Za-z0-9]/.test(char)) throw notKnown(`\\${char}`);
    return this.cased(literal(char), flags);
  }

  private special(char: string): string | undefined {
    const word = shorthand("w", this.ascii)!;
    const border = this.ascii ? "\\b" : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
    const SPECIAL: Record<string, string> = {
      b: border,
      B: this.ascii ? "\\B" : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
      A: "^",
      z: "$",
      Z: "$",
      // What was matched before it counts as looked at: for finding a line it makes no difference.
      K: "",
      E: "",
      N: "[^\\n]",
      R: "(?:\\r\\n|[\\n-\\r\\x85\\u2028\\u2029])",
      X: "(?:\\P{M}\\p{M}*)",
    };
    return SPECIAL[char];
  }

  private characterClass(): string {
    const negated = this.took("^");
    let source = "";
    for (let first = true; first || !this.looking("]"); first = false) {
      if (this.at >= this.pattern.length) throw problem("a [ is not closed");
      const posix = this.match(/^\[:(\^?\w+):\]/);
      if (posix) {
        source += posixClass(posix[1]!) ?? fail(notKnown(`[:${posix[1]}:]`));
        continue;
      }
      const member = this.member();
      const upTo = typeof member === "number" ? this.match(/^-(?!\])/) : undefined;
      if (!upTo) {
        source += typeof member === "number" ? byCode(member) : member;
        continue;
      }
      const last = this.member();
      if (typeof last !== "number") source += `${byCode(member as number)}${byCode(0x2d)}${last}`;
      else if (last < (member as number)) throw problem("a range in a class is out of order");
      else source += `${byCode(member as number)}-${byCode(last)}`;
    }
    this.at++;
    return `[${negated ? "^" : ""}${source}]`;
  }

  /** A code point, or a set in brackets. */
  private member(): number | string {
    if (!this.took("\\")) return this.next().codePointAt(0)!;
    const quoted = this.match(/^Q([\s\S]*?)(?:\\E|$)/);
    if (quoted) return `[${[...quoted[1]!].map((char) => byCode(char.codePointAt(0)!)).join("")}]`;
    const unicode = this.property();
    if (unicode !== undefined) return unicode;
    const code = this.codePoint();
    if (code !== undefined) return code;
    const char = this.next();
    const set = shorthand(char, this.ascii);
    if (set !== undefined) return set;
    if (char === "b") return 8;
    if (/[A-Za-z0-9]/.test(char)) throw notKnown(`\\${char} in a class`);
    return char.codePointAt(0)!;
  }

  private property(): string | undefined {
    const found = this.match(/^([pP])(?:\{([^}]*)\}|([A-Za-z]))/);
    if (!found) return undefined;
    const [, kind, name, letter] = found;
    return property(name ?? letter!, kind === "P") ?? fail(problem(`there is no property ${name ?? letter}`));
  }

  private codePoint(): number | undefined {
    const hex = this.match(
      /^(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4}))/,
    );
    if (hex) return Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? hex[4]!, 16);
    const octal = this.match(/^(?:o\{([0-7]{1,7})\}|(0[0-7]{0,2}))/);
    if (octal) return Number.parseInt(octal[1] ?? octal[2]!, 8);
    const control = this.match(/^c([A-Za-z])/);
    if (control) return control[1]!.toUpperCase().charCodeAt(0) - 64;
    const simple = this.match(/^[aefnrt]/);
    return simple ? { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }[simple[0]] : undefined;
  }

  private reference(to: string): string {
    const number = /^-?\d+$/.test(to) ? Number(to) : undefined;
    const group = number === undefined ? to : number < 0 ? this.groups + 1 + number : number;
    this.references.push(group);
    return `\\k<g${typeof group === "number" ? group : this.groupOf(group)}>`;
  }

  private groupOf(group: number | string): number {
    const number = typeof group === "number" ? group : this.names.get(group);
    if (number === undefined || number < 1 || number > this.groups) throw problem(`there is no group ${group}`);
    return number;
  }

  private skipComments(): boolean {
    return this.match(/^(?:\s|#[^\n]*(?:\n|$))+/) !== undefined;
  }

  private next(): string {
    const code = this.pattern.codePointAt(this.at);
    if (code === undefined) throw problem("it ends in the middle");
    const char = String.fromCodePoint(code);
    this.at += char.length;
    return char;
  }

  private match(expression: RegExp): RegExpExecArray | undefined {
    const found = expression.exec(this.pattern.slice(this.at));
    if (found) this.at += found[0].length;
    return found ?? undefined;
  }

  private looking(char: string): boolean {
    return this.pattern[this.at] === char;
  }

  private took(char: string): boolean {
    if (!this.looking(char)) return false;
    this.at++;
    return true;
  }
}

const literal = (char: string) => (/^[\w\s]$/u.test(char) || char > "\x7f" ? char : byCode(char.codePointAt(0)!));

function byCode(code: number): string {
  if (code > 0x10ffff) throw problem("a code point is too large");
  return `\\u{${code.toString(16)}}`;
}

function fail(error: Error): never {
  throw error;
}
