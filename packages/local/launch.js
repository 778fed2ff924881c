/**
 * What `npm start`, `npm run demo`, `npm run doctor` and `cody` run first: `launch.js start|demo|doctor [options]`. It is
 * plain JavaScript without imports of ours, so that an older Node, or an install that never ran, is met by a sentence.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function missing() {
  if (!existsSync(new URL("../../node_modules/zod", import.meta.url)))
    return `Cody is not installed yet. Run this once: npm --prefix ${ROOT} ci --omit=dev`;
  if (Number.parseInt(process.versions.node, 10) < NEEDED)
    return (
      `Cody needs Node ${NEEDED}, and this is Node ${process.versions.node}. The install brings Node ${NEEDED}, unless npm ` +
      `leaves out install scripts: run npm --prefix ${ROOT} ci --omit=dev --ignore-scripts=false, or install Node ${NEEDED}.`
    );
  return undefined;
}

const sentence = missing();
if (sentence) {
  console.error(sentence);
  process.exitCode = 2;
} else {
  await import("./run.ts");
}
