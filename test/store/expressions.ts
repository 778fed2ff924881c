import type { Row } from "../../packages/store/rows.ts";

/** What an expression of DynamoDB's refers to: `#name` and `:value`. */
type Given = { names: Record<string, string>; values: Row };
type Holds = (row: Row | undefined, given: Given) => boolean;
type ValueOf = (row: Row | undefined, given: Given) => unknown;

const TOKEN = /[#:]?\w+(?:\.#?\w+)*|<>|<=|>=|[=<>(),+]/g;
const keywords = new Set(["AND", "OR", "NOT", "IN", "SET", "REMOVE"]);

/** The conditions and updates that the store writes; any other expression throws. */
function reader(text: string) {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const peek = () => tokens[at];
  const take = (expected?: string) => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`${text}: ${expected ?? "more"} expected, found ${token}.`);
    return token;
  };
  const took = (token: string) => peek() === token && at++ >= 0;
  const list = <T>(one: () => T): T[] => {
    const all = [one()];
    while (took(",")) all.push(one());
    return all;
  };
  return { peek, take, took, list, isAtEnd: () => at === tokens.length };
}
type Reader = ReturnType<typeof reader>;

export const pathOf = (token: string, { names }: Given) =>
  token.split(".").map((part) => (part.startsWith("#") ? (names[part] ?? part) : part));

function operand(token: string): ValueOf {
  if (keywords.has(token)) throw new Error(`${token} is no operand.`);
  if (token.startsWith(":")) return (_, { values }) => values[token];
  return (row, given) => pathOf(token, given).reduce<unknown>((found, key) => (found as Row | undefined)?.[key], row);
}

function condition(read: Reader): Holds {
  const all = [conjunction(read)];
  while (read.took("OR")) all.push(conjunction(read));
  return (row, given) => all.some((one) => one(row, given));
}

function conjunction(read: Reader): Holds {
  const all = [negation(read)];
  while (read.took("AND")) all.push(negation(read));
  return (row, given) => all.every((one) => one(row, given));
}

function negation(read: Reader): Holds {
  if (!read.took("NOT")) return comparison(read);
  const inner = negation(read);
  return (row, given) => !inner(row, given);
}

function comparison(read: Reader): Holds {
  if (read.took("(")) {
    const inner = condition(read);
    read.take(")");
    return inner;
  }
  const token = read.take();
  if (read.took("(")) {
    const [what, ...rest] = read.list(() => operand(read.take()));
    read.take(")");
    if (token === "attribute_exists") return (row, given) => what!(row, given) !== undefined;
    if (token === "attribute_not_exists") return (row, given) => what!(row, given) === undefined;
    if (token === "begins_with")
      return (row, given) => String(what!(row, given)).startsWith(String(rest[0]!(row, given)));
    throw new Error(`${token} is not known here.`);
  }
  const left = operand(token);
  const sign = read.take();
  if (sign === "IN") {
    read.take("(");
    const among = read.list(() => operand(read.take()));
    read.take(")");
    return (row, given) => among.some((one) => one(row, given) === left(row, given));
  }
  const right = operand(read.take());
  const compare = COMPARED[sign];
  if (!compare) throw new Error(`${sign} is not known here.`);
  return (row, given) => compare(left(row, given), right(row, given));
}

/** An attribute that is absent is neither equal nor less nor more. */
const COMPARED: Record<string, (left: unknown, right: unknown) => boolean> = {
  "=": (left, right) => left !== undefined && left === right,
  "<>": (left, right) => left !== right,
  "<": (left, right) => left !== undefined && (left as string) < (right as string),
  ">": (left, right) => left !== undefined && (left as string) > (right as string),
  "<=": (left, right) => left !== undefined && (left as string) <= (right as string),
};

export type Assignment = { path: string; value: ValueOf };

function update(read: Reader): { set: Assignment[]; remove: string[] } {
  const set: Assignment[] = [];
  const remove: string[] = [];
  while (!read.isAtEnd())
    if (read.take() === "SET") set.push(...read.list(() => assignment(read)));
    else remove.push(...read.list(() => read.take()));
  return { set, remove };
}

function assignment(read: Reader): Assignment {
  const path = read.take();
  read.take("=");
  return { path, value: sum(read) };
}

function sum(read: Reader): ValueOf {
  const token = read.take();
  let value = operand(token);
  if (token === "if_not_exists") {
    read.take("(");
    const [there, otherwise] = read.list(() => operand(read.take()));
    read.take(")");
    value = (row, given) => there!(row, given) ?? otherwise!(row, given);
  }
  if (!read.took("+")) return value;
  const more = operand(read.take());
  return (row, given) => (value(row, given) as number) + (more(row, given) as number);
}

/** Read once: the store has a few dozen of them. */
function remembered<T>(parse: (read: Reader) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const read = reader(text);
    const parsed = parse(read);
    if (!read.isAtEnd()) throw new Error(`${text}: ${read.peek()} is too much.`);
    known.set(text, parsed);
    return parsed;
  };
}

export const readCondition = remembered(condition);
export const readUpdate = remembered(update);
