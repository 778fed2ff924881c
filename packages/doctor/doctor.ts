import { examine, reportLines } from "./examine.ts";
import { isWrong } from "./finding.ts";
import { checkSandbox } from "./sandbox.ts";

const findings = await examine(process.env);
const bad = findings.filter(isWrong).length;
for (const line of reportLines(findings)) console.log(line);
if (findings.length === 0) console.log("No real service is configured: npm start uses stand-ins for all of them.");
else console.log(bad === 0 ? "\nAll is well." : `\n${bad} to fix.`);
// On AWS commands run in the image of the runner, not here.
if (!process.env.CODY_STATE_MACHINE_ARN) for (const line of reportLines([await checkSandbox()])) console.log(line);
process.exitCode = bad === 0 ? 0 : 2;
