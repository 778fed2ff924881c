import type { Exit } from "./launch.ts";
import type { ModeBuild } from "./mode.ts";

/** The sandbox could not be built, or broke: a sentence for people, and no fault of the command. */
export type Broken = { broken: string };

/** What the programs that build the sandbox say on stderr. */
export function brokenInside(build: ModeBuild, { stderr }: Exit): Broken | undefined {
  if (!build.brokenSandbox?.test(stderr)) return undefined;
  const limits = /Resource temporarily unavailable|Cannot allocate memory/.test(stderr) ? ` (${MEANING.EAGAIN})` : "";
  return { broken: `the sandbox could not be built: ${stderr.trim()}${limits}` };
}

/** What the system refused when the command was to be started, or while it was watched. */
export function brokenOutside(error: unknown): Broken {
  const origin = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = origin instanceof Error && "code" in origin ? String(origin.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  return { broken: `the sandbox could not run it: ${MEANING[code] ? `${MEANING[code]} (${message})` : message}` };
}

const MEANING: Record<string, string> = {
  EMFILE: "the limit of open files (ulimit -n) is reached",
  ENFILE: "the machine has no more open files",
  EAGAIN: "the limit of processes is reached, or memory is short",
  ENOMEM: "memory is short",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  E2BIG: "the command is too long for this machine",
};
