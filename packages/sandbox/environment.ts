import type { Resources } from "./resources.ts";

/** Everything a process inside finds in its environment. Nothing comes from ours. */
export const commandEnvironment = (mounts: { home: string; tmp: string }, path: string): Record<string, string> => ({
  PATH: path,
  HOME: mounts.home,
  TMPDIR: mounts.tmp,
  USER: "cody",
  LOGNAME: "cody",
  LANG: "C.UTF-8",
  TERM: "dumb",
  CI: "true",
});

/**
 * Variables that an .npmrc or .yarnrc.yml names for a token: Yarn does not even start where one is missing. What they
 * hold is sent nowhere, as the registry proxy passes on no credential of a client.
 */
export const NAMED_TOKENS: Record<string, string> = {
  NPM_TOKEN: "no-token-is-needed-here",
  NODE_AUTH_TOKEN: "no-token-is-needed-here",
};

/**
 * util-linux's prlimit, started inside. Memory is limited per process by RLIMIT_DATA (address space would break every
 * JVM and V8, which reserve far more than they use); the sum over processes is watched from outside.
 */
export const prlimitArguments = ({ nproc, fsize, nofile, data, cpu }: Resources) => [
  "--core=0",
  `--nproc=${nproc}`,
  `--fsize=${fsize}`,
  `--nofile=${nofile}`,
  `--data=${data}`,
  `--cpu=${cpu}`,
  "--",
];

/**
 * The last step before the command, already as its user: root without its capabilities could not even enter the tree.
 * Out of memory, the kernel takes the command before the harness.
 */
export const inFolder = (folder: string, argv: readonly string[], joined: boolean) => [
  "/bin/sh",
  "-c",
  `echo 1000 2>/dev/null >/proc/self/oom_score_adj; cd "$1" || exit 126; unset OLDPWD; shift; exec "$@"${joined ? " 2>&1" : ""}`,
  "sh",
  folder,
  ...argv,
];
