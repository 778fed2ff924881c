import { malformed } from "../config/read.ts";
import { unknownVariables } from "../config/unknown.ts";
import type { Environment } from "../config/zones.ts";
import { type Finding, warning, wrong } from "./finding.ts";

/** Everything that can be seen without asking a service. A value is never repeated. */
export function checkVariables(env: Environment): Finding[] {
  return [
    ...malformed(env).map(({ name, says }) => wrong(name, says, `Set ${name} again, or unset it.`)),
    ...unknownVariables(env).map(({ name, meant }) =>
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
