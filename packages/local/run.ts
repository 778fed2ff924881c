/** `launch.js` comes here once Node and the install are right: Cody's own `.env`, no proxy to ourselves, the program. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { closest } from "../config/unknown.ts";
import { isCode } from "../filesystem/error-code.ts";
import { UserError } from "../jobs/errors.ts";
import { stopWhenClosed } from "./closed-output.ts";
import { readFlags } from "./flags.ts";
import { fromEnvFile, withoutProxyForLoopback } from "./surroundings.ts";
import { typedAs, withoutOptions } from "./typed-as.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ENV_FILE = join(ROOT, ".env");

/** False where the file is there and cannot be read, which is said then. */
function takeEnvFile(mayUseKeys: boolean): boolean {
  try {
    const { takes, says } = fromEnvFile(parseEnv(readFileSync(ENV_FILE, "utf8")), process.env, mayUseKeys);
    Object.assign(process.env, takes);
    if (says) console.error(says);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    if (!(error instanceof Error && "code" in error)) throw error;
    console.error(`${ENV_FILE} cannot be read (${error.code}). Make it readable, or remove it.`);
    process.exitCode = 2;
    return false;
  }
}

async function runDoctor() {
  const typed = typedAs("doctor", process.env);
  try {
    const help = { help: { type: "boolean", short: "h" } } as const;
    if (!readFlags(process.argv.slice(2), help, `${typed} --help says what it does.`).help)
      return await import("../doctor/doctor.ts");
    console.log(`${withoutOptions(typed)}\n  Checks what is set in the shell and in Cody's .env, and what it opens.`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

const PROGRAMS = ["demo", "start", "doctor"];

const typed = process.argv[2];
const named = PROGRAMS.find((name) => name === typed);
const isUnknown = typed !== undefined && !named && !typed.startsWith("-");
const program = named ?? "demo";
if (named) process.argv.splice(2, 1);
stopWhenClosed([process.stdout, process.stderr]);
Object.assign(process.env, withoutProxyForLoopback(process.env));
process.env.INIT_CWD ??= process.cwd();
// The state of a stack belongs to Cody, not to the repository in which `cody start` was typed.
if (program === "start") process.chdir(ROOT);
if (isUnknown) {
  const meant = closest(typed, PROGRAMS);
  console.error(`cody has no ${typed}. ${meant ? `Did you mean cody ${meant}?` : "cody --help lists what there is."}`);
  process.exitCode = 2;
}
// The demo costs nothing unless it is told so.
else if (takeEnvFile(program !== "demo" || process.argv.includes("--real"))) {
  if (program === "doctor") await runDoctor();
  else if (program === "start") await import("./start.ts");
  else await import("./demo.ts");
}
