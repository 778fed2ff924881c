import type { z } from "zod";
import type { Declaration } from "./declaration.ts";
import { broken } from "./rules.ts";
import { VARIABLES, type Variable } from "./variables.ts";
import type { Environment, Zone } from "./zones.ts";

type Declared = typeof VARIABLES;
type NamesOf<Z extends Zone> = {
  [Name in Variable]: Z extends Declared[Name]["zones"][number] ? Name : never;
}[Variable];
type Absent<D extends Declaration, Z extends Zone> = D extends { default: string } | { needed: true }
  ? never
  : D extends { needed: readonly (infer Needing)[] }
    ? Z extends Needing
      ? never
      : undefined
    : undefined;
type ValueOf<D extends Declaration, Z extends Zone> = z.output<D["value"]> | Absent<D, Z>;

/** A zone's variables, parsed. Those of other zones are not there. */
export type Config<Z extends Zone> = { [Name in NamesOf<Z>]: ValueOf<Declared[Name], Z> };

/** A variable that is wrong or missing, in one sentence. Never holds a value. */
export type Problem = { name: Variable; says: string };

const declared: Record<string, Declaration> = VARIABLES;

export const variablesOf = (zone: Zone): Variable[] =>
  (Object.keys(declared) as Variable[]).filter((name) => declared[name]!.zones.includes(zone));

/** What is set of a zone's variables, as text; empty counts as not set. What stands in for a variable takes its name. */
export function given(zone: Zone, environment: Environment): Record<string, string> {
  return Object.fromEntries(
    variablesOf(zone).flatMap((name) => {
      const { or } = declared[name]!;
      const value = environment[name] || (or && environment[or]);
      return value ? [[name, value]] : [];
    }),
  );
}

/** What is set and malformed; without `zone` of all variables. */
export const malformed = (environment: Environment, zone?: Zone): Problem[] =>
  (Object.keys(declared) as Variable[]).flatMap((name) => {
    const isRead = zone === undefined || declared[name]!.zones.includes(zone);
    return isRead && environment[name] ? parse(name, environment[name]).problems : [];
  });

/** @throws Error with every problem of the zone's variables, a line each. */
export function readConfig<Z extends Zone>(zone: Z, environment: Environment): Config<Z> {
  const set = given(zone, environment);
  const problems: Problem[] = [];
  const config: Record<string, unknown> = {};
  for (const name of variablesOf(zone)) {
    const { means, needed = [], default: otherwise } = declared[name]!;
    const isNeeded = needed === true || needed.includes(zone);
    const text = set[name] ?? otherwise;
    if (text === undefined && isNeeded) problems.push({ name, says: `${name} is missing: ${means}.` });
    if (text === undefined) continue;
    const parsed = parse(name, text, whereItStands(name, environment));
    problems.push(...parsed.problems);
    config[name] = parsed.value;
  }
  // A variable that stands in for another is named once.
  const says = new Set([...problems.map((problem) => problem.says), ...broken(zone, set)]);
  if (says.size > 0) throw new Error(`The environment of ${zone} is not right:\n${[...says].join("\n")}`);
  return config as Config<Z>;
}

/** The variable that a person has set: this one, or the one that stands in for it. */
const whereItStands = (name: Variable, environment: Environment): Variable =>
  (environment[name] ? name : (declared[name]!.or ?? name)) as Variable;

function parse(name: Variable, text: string, said = name): { value?: unknown; problems: Problem[] } {
  const { success, data, error } = declared[name]!.value.safeParse(text);
  return success
    ? { value: data, problems: [] }
    : { problems: [{ name: said, says: `${said} ${error.issues[0]!.message}.` }] };
}

/** The values of a zone's secrets, for what keeps them out of texts. */
export const secretsOf = (zone: Zone, environment: Environment): string[] =>
  Object.entries(given(zone, environment)).flatMap(([name, value]) => (declared[name]!.secret ? [value] : []));
