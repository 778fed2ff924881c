import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { VARIABLES } from "../config/variables.ts";
import type { Environment } from "../config/zones.ts";
import { isCode } from "../filesystem/error-code.ts";

/**
 * Readies this process for one of our programs: Cody's own `.env`, and no proxy between us and ourselves. False where
 * the file cannot be read, which is said then.
 */
export function prepareProcess(program: string | undefined, args: readonly string[], root: string): boolean {
  Object.assign(process.env, withoutProxyForLoopback(process.env));
  const file = join(root, ".env");
  try {
    const given = parseEnv(readFileSync(file, "utf8"));
    const { takes, says } = fromEnvFile(given, process.env, mayUseKeys(program, args));
    Object.assign(process.env, takes);
    if (says) console.error(says);
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    console.error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Make it readable, or remove it.`);
    process.exitCode = 2;
    return false;
  }
  return true;
}

/** The demo costs nothing unless it is told `--real`. */
const mayUseKeys = (program: string | undefined, args: readonly string[]) =>
  program !== "demo" || args.includes("--real");

/**
 * What of `.env` counts: the shell wins where it has set a variable too. Without `keys` no secret does, nor anything
 * else of it, since the settings of real services mean nothing to stand-ins; `says` names the secrets that it has.
 */
export function fromEnvFile(
  given: Environment,
  shell: Environment,
  keys: boolean,
): { takes: Environment; says?: string } {
  const set = Object.entries(given).filter(([name, value]) => value && shell[name] === undefined);
  if (keys) return { takes: Object.fromEntries(set) };
  const secrets = set.flatMap(([name]) => (isSecret(name) ? [name] : []));
  if (secrets.length === 0) return { takes: {} };
  return {
    takes: {},
    says: `.env has ${secrets.join(", ")}, which the demo uses only with --real: everything is a stand-in here.`,
  };
}

const isSecret = (name: string) => name in VARIABLES && "secret" in VARIABLES[name as keyof typeof VARIABLES];

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

/** The stand-ins are on this machine, where no proxy leads. Git reads the small letters, Node either. */
export function withoutProxyForLoopback(env: Environment): Environment {
  const listed = (env.no_proxy || env.NO_PROXY || "").split(/[\s,]+/).filter(Boolean);
  if (listed.includes("*")) return {};
  const all = [...new Set([...listed, ...LOOPBACK])].join(",");
  return { NO_PROXY: all, no_proxy: all };
}
