/**
 * Every git process gets exactly these settings through its environment, which outranks any config file.
 * Nothing of the machine, the user or the repository can name a program for git to run.
 */
const SETTINGS: Record<string, string> = {
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.untrackedCache": "false",
  "core.attributesFile": "/dev/null",
  "core.excludesFile": "/dev/null",
  // `.GIT` and `git~1` are `.git` on other file systems.
  "core.protectHFS": "true",
  "core.protectNTFS": "true",
  "core.symlinks": "true",
  "core.fileMode": "true",
  "core.ignoreCase": "false",
  "core.precomposeUnicode": "false",
  "core.checkStat": "default",
  "core.trustCtime": "true",
  "core.sparseCheckout": "false",
  "core.splitIndex": "false",
  // Read by us as well.
  "index.version": "2",
  "core.autocrlf": "false",
  "core.eol": "lf",
  "core.safecrlf": "false",
  "core.quotePath": "true",
  // Scratch that is wiped anyway: no waiting for the disk.
  "core.fsync": "none",
  "core.looseCompression": "1",
  "diff.ignoreSubmodules": "all",
  "diff.renames": "true",
  "submodule.recurse": "false",
  "fetch.recurseSubmodules": "false",
  "push.recurseSubmodules": "no",
  "push.followTags": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "credential.helper": "",
  // A redirect to another host would take the token's header along.
  "http.followRedirects": "false",
  // Nothing at all for a minute: a server that counts objects says so, however slowly.
  "http.lowSpeedLimit": "1",
  "http.lowSpeedTime": "60",
  "safe.directory": "*",
  "safe.bareRepository": "explicit",
  "init.defaultBranch": "main",
  "user.useConfigOnly": "true",
};

const PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";

export type GitSettings = Record<string, string>;

export function gitEnvironment(more: GitSettings = {}): Record<string, string> {
  const entries = Object.entries({ ...SETTINGS, ...more });
  return {
    PATH,
    HOME: "/",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ALLOW_PROTOCOL: "file:http:https",
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  };
}
