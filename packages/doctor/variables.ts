import { malformed } from "../config/read.ts";
import { unknownInOwnFile, unknownVariables } from "../config/unknown.ts";
import type { Environment } from "../config/zones.ts";
import { type Finding, warning, wrong } from "./finding.ts";

/** `inFile`: the names that Cody's own `.env` sets. */
type Own = { inFile?: readonly string[] };

/** Everything that can be seen without asking a service. A value is never repeated. */
export function checkVariables(env: Environment, { inFile = [] }: Own = {}): Finding[] {
  const unknown = [...unknownInOwnFile(inFile), ...unknownVariables(env)];
  return [
    ...malformed(env).map(({ name, says }) => wrong(name, says, `Set ${name} again, or unset it.`)),
    ...[...new Map(unknown.map((one) => [one.name, one])).values()].map(({ name, meant }) =>
      warning(
        name,
        `${name} is probably misspelt: nothing reads it.`,
        meant ? `Did you mean ${meant}?` : ".env.example has every variable.",
      ),
    ),
    ...(env.GITHUB_TOKEN && !env.GITHUB_READ_TOKEN
      ? [
          warning(
            "GITHUB_TOKEN",
            "One GitHub token reads and writes, so the one that the model's zone holds can write.",
            "Set GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN instead.",
          ),
        ]
      : []),
  ];
}
