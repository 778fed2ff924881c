import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * GitHub's own description of its API, read from the types that Octokit brings along (`@octokit/openapi-types`): enough
 * of TypeScript's notation to hold recorded requests and answers to it at run time.
 */
type Type =
  | { kind: "any" }
  | { kind: "primitive"; name: string }
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "union" | "all"; of: Type[] }
  | { kind: "array"; of: Type }
  | { kind: "object"; members: Map<string, { type: Type; optional: boolean }>; rest?: Type }
  | { kind: "schema"; name: string }
  | { kind: "operation"; name: string };

const ANY: Type = { kind: "any" };
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|\s+|"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|-?\d+(?:\.\d+)?|[^\s\w]/y;

let source: string | undefined;
const text = () =>
  (source ??= readFileSync(createRequire(import.meta.url).resolve("@octokit/openapi-types/types.d.ts"), "utf8"));

/** The type behind `name:` in a section of the file; `indent` is how deep its members stand. */
function memberOf(section: string, indent: number, name: string): Type | undefined {
  const from = text().indexOf(`\nexport interface ${section} {`);
  const quoted = [`\n${" ".repeat(indent)}"${name}": `, `\n${" ".repeat(indent)}${name}: `];
  const at = quoted.map((one) => [text().indexOf(one, from), one.length] as const).find(([place]) => place >= 0);
  return at && parserAt(at[0] + at[1])();
}

/** A parser of one type from this place on. */
function parserAt(start: number): () => Type {
  let place = start;
  let peeked: string | undefined;
  const next = (): string => {
    const token = peek();
    peeked = undefined;
    return token;
  };
  function peek(): string {
    while (peeked === undefined) {
      TOKEN.lastIndex = place;
      const [token = ""] = TOKEN.exec(text()) ?? [];
      if (token === "") throw new Error(`The types end early, at ${place}.`);
      place += token.length;
      if (!/^(?:\s|\/[/*])/.test(token)) peeked = token;
    }
    return peeked;
  }
  const takes = (token: string) => peek() === token && next() !== undefined;
  const must = (token: string) => {
    if (!takes(token)) throw new Error(`Expected ${token} before ${text().slice(place, place + 60)}`);
  };

  function several(sign: "|" | "&", kind: "union" | "all", one: () => Type): Type {
    takes(sign);
    const of = [one()];
    while (takes(sign)) of.push(one());
    return of.length === 1 ? of[0]! : { kind, of };
  }
  const type = (): Type => several("|", "union", () => several("&", "all", postfix));

  function postfix(): Type {
    let found = primary();
    while (takes("[")) {
      if (takes("]")) found = { kind: "array", of: found };
      else {
        type();
        must("]");
        found = { kind: "any" };
      }
    }
    return found;
  }

  function primary(): Type {
    const token = next();
    if (token === "(") {
      const inner = type();
      must(")");
      return inner;
    }
    if (token === "{") return members();
    if (token === "readonly") return postfix();
    if (token.startsWith('"')) return { kind: "literal", value: JSON.parse(token) as string };
    if (/^-?\d/.test(token)) return { kind: "literal", value: Number(token) };
    if (token === "true" || token === "false") return { kind: "literal", value: token === "true" };
    if (token === "null") return { kind: "literal", value: null };
    if (token === "components" || token === "operations") return reference(token);
    if (token === "[") {
      const of = listed("]");
      return { kind: "union", of };
    }
    // OneOf<[A, B]> is A or B; of a Record nothing is asked.
    if (takes("<")) {
      const [first = ANY] = listed(">");
      return token === "OneOf" ? first : ANY;
    }
    return ["string", "number", "boolean"].includes(token) ? { kind: "primitive", name: token } : ANY;
  }

  function listed(end: string): Type[] {
    const found = [type()];
    while (takes(",")) if (peek() !== end) found.push(type());
    must(end);
    return found;
  }

  function reference(token: string): Type {
    const names: string[] = [];
    const depth = token === "operations" ? 1 : 2;
    while (names.length < depth) {
      must("[");
      names.push(JSON.parse(next()) as string);
      must("]");
    }
    if (token === "operations") return { kind: "operation", name: names[0]! };
    return names[0] === "schemas" && names.length === 2 ? { kind: "schema", name: names[1]! } : { kind: "any" };
  }

  function members(): Type {
    const found: Type & { kind: "object" } = { kind: "object", members: new Map() };
    while (!takes("}")) {
      if (takes("[")) {
        while (next() !== "]");
        must(":");
        found.rest = type();
      } else {
        const first = next();
        const token = first === "readonly" && ![":", "?"].includes(peek()) ? next() : first;
        const name = token.startsWith('"') ? (JSON.parse(token) as string) : token;
        const optional = takes("?");
        must(":");
        found.members.set(name, { type: type(), optional });
      }
      takes(";");
    }
    return found;
  }
  return type;
}

const schemas = new Map<string, Type>();
function resolved(type: Type): Type {
  if (type.kind !== "schema") return type;
  const known = schemas.get(type.name) ?? memberOf("components", 4, type.name) ?? { kind: "any" };
  schemas.set(type.name, known);
  return resolved(known);
}

/** What of the value is not as described, each with its place; `[]`: nothing. `exact`: what is not described is wrong too. */
function problemsOf(value: unknown, given: Type, at = "", exact = false): string[] {
  const type = resolved(given);
  switch (type.kind) {
    case "primitive":
      return typeof value === type.name ? [] : [`${at} is ${JSON.stringify(value)}, not a ${type.name}`];
    case "literal":
      return value === type.value ? [] : [`${at} is ${JSON.stringify(value)}, not ${JSON.stringify(type.value)}`];
    case "array":
      if (!Array.isArray(value)) return [`${at} is no list`];
      return value.flatMap((one, i) => problemsOf(one, type.of, `${at}[${i}]`, exact));
    // An account is a user or an enterprise, which the generator writes with "and" in places.
    case "all":
    case "union": {
      const each = type.of.map((one) => problemsOf(value, one, at, exact));
      return each.toSorted((a, b) => a.length - b.length)[0] ?? [];
    }
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
      const has = new Map(Object.entries(value));
      return [
        ...[...type.members].flatMap(([name, { type: of, optional }]) =>
          has.has(name)
            ? problemsOf(has.get(name), of, `${at}.${name}`, exact)
            : optional
              ? []
              : [`${at}.${name} is missing`],
        ),
        ...(exact && !type.rest
          ? [...has.keys()].filter((name) => !type.members.has(name)).map((name) => `${at}.${name} is not described`)
          : []),
      ];
    }
    default:
      return [];
  }
}

const inside = (type: Type | undefined, ...names: string[]): Type | undefined =>
  names.reduce<Type | undefined>((at, name) => {
    const object = at && resolved(at);
    return object?.kind === "object" ? object.members.get(name)?.type : undefined;
  }, type);

/** As it went over the line; `path` is that of the API, with its query. */
export type Recorded = { method: string; path: string; sent?: unknown; status: number; got?: unknown };

let templates: { route: string; pattern: RegExp }[] | undefined;

/** The described route of a path: of several the one with the fewest places, and of these the longest. */
export function routeOf(path: string): string | undefined {
  if (!templates) {
    const from = text().indexOf("\nexport interface paths {");
    const paths = text().slice(from, text().indexOf("\nexport interface ", from + 1));
    templates = [...paths.matchAll(/^ {2}"(\/[^"]*)": \{/gm)].map(([, route = ""]) => ({
      route,
      // A branch or a ref may hold slashes; GitHub takes them as they are.
      pattern: new RegExp(
        `^${route.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, name) => (["branch", "ref"].includes(name) ? "(.+)" : "([^/]+)"))}$`,
      ),
    }));
  }
  const places = (route: string) => route.split("{").length;
  return templates
    .filter(({ pattern }) => pattern.test(path))
    .toSorted((one, other) => places(one.route) - places(other.route) || other.route.length - one.route.length)[0]
    ?.route;
}

/** What of a recorded request and its answer is not as GitHub describes the route. */
export function problemsWith({ method, path, sent, status, got }: Recorded): string[] {
  const url = new URL(path, "https://api.invalid");
  const route = routeOf(decodeURIComponent(url.pathname));
  const what = `${method} ${route ?? path}`;
  const named = route === undefined ? undefined : inside(memberOf("paths", 2, route), method.toLowerCase());
  if (named?.kind !== "operation") return [`${what} is not described`];
  const operation = memberOf("operations", 2, named.name);
  const nothing: Type = { kind: "object", members: new Map() };
  const query = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, asJson(value)]));
  const body = inside(operation, "requestBody", "content", "application/json") ?? nothing;
  return [
    ...problemsOf(query, inside(operation, "parameters", "query") ?? nothing, `${what} asks`, true),
    ...problemsOf(sent ?? {}, body, `${what} sends`, true),
    ...answerProblems(what, inside(operation, "responses", `${status}`), status, got),
  ];
}

function answerProblems(what: string, response: Type | undefined, status: number, got: unknown): string[] {
  if (!response) return [`${what} does not answer ${status}`];
  const answer = inside(response, "content", "application/json");
  // Refusals are described elsewhere in the file: a message, as our code reads them.
  return answer
    ? problemsOf(got, answer, `${what} answers`)
    : status < 400 && got !== undefined
      ? [`${what} answers ${status} otherwise`]
      : [];
}

const asJson = (text: string): unknown => (/^(?:\d+|true|false)$/.test(text) ? JSON.parse(text) : text);
