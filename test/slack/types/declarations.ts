import { readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGES = join(import.meta.dirname, "../../../node_modules/@slack");

export type Member = { name: string; isOptional: boolean; type: Type; doc: string };
export type Type =
  | { kind: "literal"; value: unknown }
  | { kind: "primitive"; name: string }
  | { kind: "array"; of: Type }
  | { kind: "union" | "intersection"; of: Type[] }
  | { kind: "object"; members: Member[] }
  | { kind: "reference"; name: string }
  | { kind: "anything" };

/**
 * The types that Slack's own packages declare, with the comments in which they say how long a text and a list may be. Reads
 * what `.d.ts` files of Slack hold: interfaces, aliases, unions, arrays and literals. Anything else is an error.
 */
export function declarationsIn(files: readonly string[]): Map<string, Type> {
  const found = new Map<string, Type>();
  for (const file of files) {
    const reader = createReader(readFileSync(join(PACKAGES, file), "utf8"));
    for (const [name, type] of reader.declarations()) found.set(name, type);
  }
  return found;
}

const TOKEN = /\/\*\*([\s\S]*?)\*\/|\/\/[^\n]*|'([^']*)'|([A-Za-z_$][\w$]*)|(\d+)|([^\s\w])/g;
type Token = { doc?: string; text: string; literal?: unknown };

function tokensOf(source: string): Token[] {
  return [...source.matchAll(TOKEN)].flatMap(([whole, doc, quoted, word, number]): Token[] => {
    if (doc !== undefined)
      return [
        {
          doc: doc
            .replace(/^\s*\*/gm, " ")
            .replace(/\s+/g, " ")
            .trim(),
          text: "",
        },
      ];
    if (whole.startsWith("//")) return [];
    if (quoted !== undefined) return [{ text: whole, literal: quoted }];
    if (number !== undefined) return [{ text: whole, literal: Number(number) }];
    return [{ text: word ?? whole }];
  });
}

const NAMED = ["string", "number", "boolean", "unknown", "undefined", "null"];
/** They are never narrower than what they are made of: the parts are looked at as they are. */
const TRANSPARENT = ["Required", "Partial", "Pick", "Omit"];

function createReader(source: string) {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = () => tokens[at]?.text ?? "";
  const next = () => tokens[at++]!;
  const take = (text: string) => {
    if (peek() !== text)
      throw new Error(
        `${text} expected, ${tokens
          .slice(at - 5, at + 5)
          .map((one) => one.text)
          .join(" ")}`,
      );
    at += 1;
  };
  const skipDocs = () => {
    let doc = "";
    while (tokens[at]?.doc !== undefined) doc = next().doc!;
    return doc;
  };

  function type(): Type {
    skipDocs();
    if (peek() === "|") at += 1;
    const of = [intersection()];
    while (peek() === "|") {
      at += 1;
      of.push(intersection());
    }
    return of.length === 1 ? of[0]! : { kind: "union", of };
  }

  function intersection(): Type {
    const of = [postfix()];
    while (peek() === "&") {
      at += 1;
      of.push(postfix());
    }
    return of.length === 1 ? of[0]! : { kind: "intersection", of };
  }

  function postfix(): Type {
    let one = primary();
    while (peek() === "[" && tokens[at + 1]?.text === "]") {
      at += 2;
      one = { kind: "array", of: one };
    }
    return one;
  }

  function primary(): Type {
    skipDocs();
    if (peek() === "{") return { kind: "object", members: members() };
    if (peek() === "(") {
      at += 1;
      const inner = type();
      take(")");
      return inner;
    }
    if (peek() === "[") return tuple();
    const { text, literal } = next();
    if (literal !== undefined) return { kind: "literal", value: literal };
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
    if (peek() === "<") return generic(text);
    return NAMED.includes(text) ? { kind: "primitive", name: text } : { kind: "reference", name: text };
  }

  function tuple(): Type {
    take("[");
    const of = [type()];
    while (peek() !== "]") {
      next();
      if (peek() === ".") at += 3;
      if (peek() !== "]") of.push(type());
    }
    take("]");
    return { kind: "array", of: of[0]! };
  }

  function generic(name: string): Type {
    take("<");
    const of = [type()];
    while (peek() === ",") {
      at += 1;
      of.push(type());
    }
    take(">");
    if (name === "Array") return { kind: "array", of: of[0]! };
    return TRANSPARENT.includes(name) ? of[0]! : { kind: "anything" };
  }

  function members(): Member[] {
    take("{");
    const found: Member[] = [];
    for (;;) {
      const doc = skipDocs();
      if (peek() === "}") break;
      const name = String(next().text).replace(/'/g, "");
      const isOptional = peek() === "?";
      if (isOptional) at += 1;
      take(":");
      found.push({ name, isOptional, type: type(), doc });
      if (peek() === ";") at += 1;
    }
    take("}");
    return found;
  }

  function* declarations(): Generator<[string, Type]> {
    while (at < tokens.length) {
      const { text } = next();
      if (text !== "interface" && text !== "type") continue;
      const name = next().text;
      if (text === "type") {
        if (peek() !== "=") continue;
        at += 1;
        yield [name, type()];
      } else yield [name, interfaceOf()];
    }
  }

  function interfaceOf(): Type {
    const of: Type[] = [];
    while (peek() !== "{") {
      const { text } = next();
      if (text !== "extends" && text !== ",")
        of.push(peek() === "<" ? generic(text) : { kind: "reference", name: text });
    }
    return { kind: "intersection", of: [...of, { kind: "object", members: members() }] };
  }

  return { declarations };
}
