import { UserError } from "../jobs/errors.ts";
import { MAX_REPOSITORIES } from "../jobs/job.ts";
import { readFlags } from "./flags.ts";
import { withoutOptions } from "./typed-as.ts";

export const startUsage = (typed: string) => `${withoutOptions(typed)}
  Everything on this machine, until Ctrl-C; open the address that it prints. With these options:
  --repo FOLDER_OR_URL             up to ${MAX_REPOSITORIES} times, beside the samples; it is cloned, the original is never touched
  --port 4280                      the first of six ports in a row; default: CODY_PORT, or 4280
Keys in Cody's .env or in the shell make a service real: .env.example has them, and the doctor checks them.`;

const LAST_FIRST_PORT = 65_530;

const FLAGS = {
  repo: { type: "string", multiple: true },
  port: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export type StartOptions = { repo: string[]; port?: number };

/** @throws UserError */
export function parseStartOptions(args: string[], typed = "cody start"): StartOptions | "help" {
  const { help, repo = [], port } = readFlags(args, FLAGS, `${typed} --help lists what there is.`);
  if (help) return "help";
  if (repo.includes("")) throw new UserError("--repo: Name a folder or a URL.");
  if (repo.length > MAX_REPOSITORIES) throw new UserError(`--repo: Name at most ${MAX_REPOSITORIES} repositories.`);
  if (port === undefined) return { repo };
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > LAST_FIRST_PORT)
    throw new UserError(`--port: Name a port from 1 to ${LAST_FIRST_PORT}, for example 4280.`);
  return { repo, port: Number(port) };
}
