import { probeSandbox } from "../sandbox/probe.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Finding, good, warning } from "./finding.ts";

/** On one machine commands run here; the sandbox is tried with a real command. */
export const checkSandbox = async (): Promise<Finding> => sandboxFinding(await probeSandbox({ unsafe: false }));

/** Pure. */
export const sandboxFinding = ({ mode, remedy }: Pick<Sandbox, "mode" | "remedy">): Finding =>
  remedy
    ? warning(
        "sandbox",
        `Commands are off, so a change ends as a draft that is not verified. ${remedy.why}`,
        remedy.fix,
      )
    : good("sandbox", `Commands run inside: ${mode}.`);
