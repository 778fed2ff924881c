import { VARIABLES } from "../config/variables.ts";
import type { Environment } from "../config/zones.ts";

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
