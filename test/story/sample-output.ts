/** `node test/story/sample-output.ts`: runs the demo once and puts what it prints into the README. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const README = join(ROOT, "README.md");
const SAMPLE = /(<!-- made by test\/story\/sample-output\.ts -->\n```\n)[\s\S]*?(```\n)/;

const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR ?? "/tmp",
  npm_lifecycle_event: "demo",
};
const printed = execFileSync(process.execPath, [join(ROOT, "packages/local/demo.ts")], { env, encoding: "utf8" });
const fromCommand = printed.slice(printed.indexOf("/cody:")).trimEnd();
const readme = readFileSync(README, "utf8");
if (!SAMPLE.test(readme)) throw new Error("README.md has no place for the sample output.");
writeFileSync(
  README,
  readme.replace(SAMPLE, (_, before, after) => `${before}${fromCommand}\n${after}`),
);
