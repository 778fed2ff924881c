import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { examine, reportLines } from "./examine.ts";
import { isWrong } from "./finding.ts";
import { checkMachine } from "./machine.ts";
import { checkSandbox } from "./sandbox.ts";

/** `sst deploy` asks about services alone: what runs there is not on this machine. */
const isForDeployment = process.argv.includes("--for-deployment");
const OWN_FILE = new URL("../../.env", import.meta.url);

function gitVersion(): string | undefined {
  try {
    return execFileSync("git", ["--version"], { encoding: "utf8" }).replace("git version", "").trim();
  } catch {
    return undefined;
  }
}

const inFile = existsSync(OWN_FILE) ? Object.keys(parseEnv(readFileSync(OWN_FILE, "utf8"))) : [];
const ofMachine = () => checkMachine(process.env, { node: process.versions.node, git: gitVersion() });
const findings = isForDeployment
  ? await examine(process.env)
  : [...ofMachine(), ...(await examine(process.env, { inFile }))];
// On AWS commands run in the image of the runner, not here.
if (!isForDeployment && !process.env.CODY_STATE_MACHINE_ARN) findings.push(await checkSandbox());
for (const line of reportLines(findings)) console.log(line);
const bad = findings.filter(isWrong).length;
const warned = findings.filter(({ verdict }) => verdict === "warning").length;
console.log(bad > 0 ? `\n${bad} to fix.` : warned > 0 ? "\nNothing keeps Cody from working." : "\nAll is well.");
process.exitCode = bad === 0 ? 0 : 2;
