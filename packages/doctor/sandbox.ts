import { probeSandbox } from "../sandbox/probe.ts";
import { type Finding, good, warning } from "./finding.ts";

/** On one machine commands run here; the sandbox is tried with a real command. */
export async function checkSandbox(): Promise<Finding> {
  const { mode, remedy } = await probeSandbox({ unsafe: false });
  return remedy
    ? warning(
        "sandbox",
        `Commands are off, so a change ends as a draft that is not verified. ${remedy.why}`,
        remedy.fix,
      )
    : good("sandbox", `Commands run inside: ${mode}.`);
}
