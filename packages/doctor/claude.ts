import { modelOf, warningOf } from "../agent/models.ts";
import type { Environment } from "../config/zones.ts";
import { type Finding, good, reachService, warning, wrong } from "./finding.ts";

/** Lists models: it is free, and tells a good key from a bad one. */
export function checkClaude(env: Environment): Promise<Finding[]> {
  const api = (env.ANTHROPIC_BASE_URL || "https://api.anthropic.com").replace(/\/$/, "");
  const headers = { "x-api-key": env.ANTHROPIC_API_KEY ?? "", "anthropic-version": "2023-06-01" };
  return reachService("Claude", `${api}/v1/models?limit=1000`, { headers }, async (response) => {
    if (response.status === 401 || response.status === 403)
      return [
        wrong("Claude", "Claude refuses ANTHROPIC_API_KEY.", "Make a key in the Claude Console and set it again."),
      ];
    // A proxy that only serves messages is fine.
    if (response.status === 404)
      return [
        warning(
          "Claude",
          "The server of ANTHROPIC_BASE_URL lists no models.",
          "Nothing to do, if it serves /v1/messages.",
        ),
      ];
    if (!response.ok)
      return [
        wrong(
          "Claude",
          `Claude answers ${response.status} to a list of models.`,
          "Try again; look at status.claude.com.",
        ),
      ];
    const { data } = (await response.json()) as { data: { id: string }[] };
    const model = env.CODY_MODEL;
    if (model && !data.some(({ id }) => id === model))
      return [
        wrong(
          "Claude",
          "CODY_MODEL is none of the models that the key may use.",
          `Use one of ${data
            .slice(0, 5)
            .map(({ id }) => id)
            .join(", ")}.`,
        ),
      ];
    const warned = model && warningOf(modelOf(model), new Date());
    return [
      good("Claude", `ANTHROPIC_API_KEY may use ${data.length} models.`),
      ...(warned ? [warning("Claude", warned, "Set CODY_MODEL to another one, or nothing for the default.")] : []),
    ];
  });
}
