import { createHealth } from "../../functions/health.ts";
import type { Environment } from "../config/zones.ts";
import { type Finding, good, wrong } from "./finding.ts";

const NAMES = { table: "CODY_TABLE", bucket: "CODY_BUCKET", machine: "CODY_STATE_MACHINE_ARN" } as const;

/** Table, bucket and state machine, as the deployed health check asks them. */
export async function checkAws(env: Environment): Promise<Finding[]> {
  const missing = [...Object.values(NAMES), "AWS_REGION"].filter((name) => !env[name]);
  if (missing.length > 0)
    return [
      wrong(
        "AWS",
        `For AWS ${missing.join(", ")} must be set as well.`,
        "Copy them from the outputs of `npx sst deploy`.",
      ),
    ];
  try {
    const { body } = await createHealth(env)(undefined);
    const answers = JSON.parse(body) as Record<keyof typeof NAMES, string>;
    return (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((part) =>
      answers[part] === "ok"
        ? good("AWS", `${NAMES[part]} answers.`)
        : wrong(
            "AWS",
            `${NAMES[part]} does not answer: ${answers[part]}.`,
            "Check the name, the region, and that the credentials may read it.",
          ),
    );
  } catch (error) {
    return [wrong("AWS", String((error as Error).message), "Set the variables again.")];
  }
}
