import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { deployedName, enteredFor } from "../packages/config/deployed.ts";
import { PROXY_VARIABLES } from "../packages/config/process.ts";
import { unknownVariables } from "../packages/config/unknown.ts";
import { saidTo, setting } from "./environment.ts";
import { settings } from "./settings.ts";

/** What the tokens really open is asked before anything is made; by the repository's own Node, as the tests have run it. */
if (settings.asksDoctor) {
  const asked = {
    ...saidTo("doctor"),
    SLACK_API_URL: setting("SLACK_API_URL"),
    ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, setting(name)])),
    // By name alone: the doctor says that they are misspelt.
    ...Object.fromEntries(unknownVariables(process.env).map(({ name }) => [name, "1"])),
  };
  const { stdout, stderr, status } = spawnSync(
    join($cli.paths.root, "node_modules/.bin/node"),
    ["packages/doctor/doctor.ts", "--for-deployment"],
    { cwd: $cli.paths.root, env: { PATH: process.env.PATH, ...asked }, encoding: "utf8" },
  );
  const says = enteredFor("doctor").reduce(
    (text, name) => text.replaceAll(name, deployedName(name)),
    `${stdout}${stderr}`,
  );
  if (status !== 0)
    throw new Error(`Nothing was deployed (CODY_DOCTOR=0 deploys without asking the services):\n${says}\n`);
  console.log(says);
}
