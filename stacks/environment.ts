import { enteredFor, isSecret, type Made, secretName, standInOf } from "../packages/config/deployed.ts";
import { variablesOf } from "../packages/config/read.ts";
import type { Variable } from "../packages/config/variables.ts";
import type { Environment, Zone } from "../packages/config/zones.ts";

/** The one reader of the deploying person's environment. */
export const setting = (name: string) => process.env[name]?.trim() || undefined;

/** What was said by `sst secret set NAME VALUE`: the CLI hands it over as SST_SECRET_<Name>. */
const secret = (name: string) => setting(`SST_SECRET_${name}`);

const secretNamesOf = (name: Variable) => [name, standInOf(name) ?? name].map(secretName);

/** A variable as the deploying person said it, in plain text. */
export const said = (name: Variable) =>
  isSecret(name) ? secretNamesOf(name).map(secret).find(Boolean) : setting(name);

/** Those of one zone. */
export const saidTo = (zone: Zone): Environment =>
  Object.fromEntries(enteredFor(zone).map((name) => [name, said(name)]));

const stored = new Map<string, $util.Output<string>>();
/** Marked as secret wherever it goes: Pulumi's state keeps it encrypted. A file that was read into it ends in a line end. */
function storedSecret(name: Variable) {
  const found = secretNamesOf(name).find(secret);
  if (found && !stored.has(found))
    stored.set(
      found,
      new sst.Secret(found).value.apply((value) => value.trim()),
    );
  return found ? stored.get(found) : undefined;
}

type Values = Record<string, $util.Input<string>>;

/** What a function or a task gets: what the person said, and what the stack has made. What is not set is left out. */
export function environmentOf(zone: Zone, made: Partial<Record<Made, $util.Input<string> | undefined>>) {
  const plain: Values = {};
  const secrets: Values = {};
  for (const name of variablesOf(zone)) {
    const value = made[name as Made] ?? (enteredFor(zone).includes(name) ? asGiven(name) : undefined);
    if (value !== undefined) (isSecret(name) ? secrets : plain)[name] = value;
  }
  return { plain, secrets };
}

const asGiven = (name: Variable) => (isSecret(name) ? storedSecret(name) : setting(name));
