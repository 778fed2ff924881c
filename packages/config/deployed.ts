import type { Declaration } from "./declaration.ts";
import { variablesOf } from "./read.ts";
import { VARIABLES, type Variable } from "./variables.ts";
import type { FunctionZone, Zone } from "./zones.ts";

type Names<Wanted> = {
  [Name in Variable]: (typeof VARIABLES)[Name] extends Wanted ? Name : never;
}[Variable];

/** What a stack makes and names to its functions and tasks. */
export type Made = Names<{ onAws: "stack" }>;

const declared: Record<string, Declaration> = VARIABLES;

export const isSecret = (name: Variable): boolean => declared[name]!.secret === true;

/** What a deploying person may say: settings of the shell, and secrets of SST. */
export const isSaid = (name: Variable): boolean => declared[name]!.onAws === undefined;

export const enteredFor = (zone: Zone): Variable[] => variablesOf(zone).filter(isSaid);

/** ANTHROPIC_API_KEY > AnthropicApiKey, CODY_SIGNING_KEY > SigningKey: by what `sst secret set` knows it. */
export const secretName = (name: string): string => pascalCase(name.replace(/^CODY_/, ""));

/** A variable in the deploying person's words: a setting keeps its name. */
export function deployedName(name: Variable): string {
  const or = standInOf(name);
  if (!isSecret(name)) return name;
  return or ? `${secretName(name)} (or ${secretName(or)})` : secretName(name);
}

/** Another variable, and so another secret, that stands in for it. */
export const standInOf = (name: Variable): string | undefined => declared[name]!.or;

export const pascalCase = (name: string) =>
  name.toLowerCase().replace(/(?:^|[_-])([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The name of a function's resources. It stays when the code calls the function otherwise: AWS would make a new one. */
export const resourceName = (zone: FunctionZone) => (zone === "dispatch" ? "Drive" : pascalCase(zone));
