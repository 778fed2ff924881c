import { parseRegistries, parseRegistryCredentials } from "./registries.ts";
import type { Zone } from "./zones.ts";

type Given = Record<string, string | undefined>;
type Rule = (given: Given) => (string | false)[];

/** A token, or a GitHub App with both its variables: what looks at repositories. */
const looks: Rule = ({ GITHUB_READ_TOKEN: token, GITHUB_APP_ID: id, GITHUB_APP_KEY: key }) => [
  ...bothOrNeither(id, key),
  !token && !id && !key && "GITHUB_READ_TOKEN is missing, or both of GITHUB_APP_ID and GITHUB_APP_KEY.",
];

/** The same for what acts on pull requests. */
const acts: Rule = ({ GITHUB_WRITE_TOKEN: token, GITHUB_APP_ID: id, GITHUB_APP_KEY: key }) => [
  ...bothOrNeither(id, key),
  !token && !id && !key && "GITHUB_WRITE_TOKEN is missing, or both of GITHUB_APP_ID and GITHUB_APP_KEY.",
];

const bothOrNeither: (id?: string, key?: string) => (string | false)[] = (id, key) => [
  Boolean(id) !== Boolean(key) && "Set both GITHUB_APP_ID and GITHUB_APP_KEY for a GitHub App, or neither.",
];

/** A task's token, or the function that gives it one. */
const holds =
  (name: string): Rule =>
  (given) => [!given[name] && !given.CODY_TOKEN_FUNCTION && `${name} (or GITHUB_TOKEN) is missing.`];

/** Each credential that a registry of the deployment names. */
const hasCredentials: Rule = ({ CODY_REGISTRIES: registries = "", CODY_REGISTRY_CREDENTIALS: credentials = "" }) => {
  const known = readable(() => parseRegistryCredentials(credentials));
  return (readable(() => parseRegistries(registries)) ?? []).map(
    ({ host, credential }) =>
      known !== undefined &&
      credential !== undefined &&
      !known.has(credential) &&
      `CODY_REGISTRIES names the credential ${credential} for ${host}: CODY_REGISTRY_CREDENTIALS does not hold it.`,
  );
};

/** What cannot be read is said of its variable. */
function readable<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** Who is named must be told apart from who may start: nothing is loosened or taken away by the way. */
export const whoStarts: Rule = ({ CODY_PEOPLE: people, CODY_STRICT: strict }) => [
  Boolean(people) &&
    !strict &&
    "CODY_PEOPLE is set: say with CODY_STRICT=1 that these people alone may start jobs, each where GitHub lets them write, or with CODY_STRICT=0 that everybody in the workspace may.",
  strict === "1" && !people && "CODY_STRICT=1 lets only the people of CODY_PEOPLE start jobs, and it is empty.",
];

const BY_ZONE: Partial<Record<Zone, Rule>> = {
  plan: looks,
  slack: (given) => [...looks(given), ...whoStarts(given)],
  socket: (given) => [...looks(given), ...whoStarts(given)],
  work: (given) => [...holds("GITHUB_READ_TOKEN")(given), ...hasCredentials(given)],
  "change-set": acts,
  publish: holds("GITHUB_WRITE_TOKEN"),
};

/** What variables say against each other. */
export const broken = (zone: Zone, given: Given): string[] => said(BY_ZONE[zone]?.(given) ?? []);

/** The same on one machine, where each service is real or a stand-in; a deployment has its own. */
export function pairProblems(environment: Given): string[] {
  const has = (...names: string[]) => names.some((name) => Boolean(environment[name]));
  return said([
    has("SLACK_BOT_TOKEN") !== has("SLACK_APP_TOKEN") &&
      "Set both SLACK_BOT_TOKEN and SLACK_APP_TOKEN for a real workspace, or neither for the stand-in.",
    !has("GITHUB_TOKEN") &&
      has("GITHUB_READ_TOKEN") !== has("GITHUB_WRITE_TOKEN") &&
      "Set both GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN (or GITHUB_TOKEN for both), or none for the stand-in.",
    ...bothOrNeither(environment.GITHUB_APP_ID, environment.GITHUB_APP_KEY),
    ...whoStarts(environment),
    has("GITHUB_APP_ID") &&
      has("GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN") &&
      "Set a GitHub App or GitHub tokens, not both: unset GITHUB_TOKEN, GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN.",
    has("CODY_TABLE", "CODY_BUCKET", "CODY_STATE_MACHINE_ARN") &&
      "Unset CODY_TABLE, CODY_BUCKET and CODY_STATE_MACHINE_ARN: on one machine the AWS services are always stand-ins.",
  ]);
}

const said = (sentences: (string | false)[]) => sentences.filter((sentence) => sentence !== false);
