import { type SimpleGit, simpleGit } from "simple-git";
import { type GitSettings, gitEnvironment } from "../sandbox/git-settings.ts";
import { REMOTE_TIMEOUT_MS } from "./limits.ts";

export type Remote = {
  /** https, http or file. Never holds a token. */
  url: string;
  token?: string;
  signal?: AbortSignal;
  /** For how long the server may send nothing; absent: a minute. */
  silenceS?: number;
};

type LocalRequest = {
  remote?: Remote;
  input?: string;
  environment?: Record<string, string>;
  settings?: GitSettings;
};

/**
 * git that never looks at a work tree: fetch, commit, push. The token travels as a header bound to the remote's
 * own origin, through the environment: not in an argument, a URL, a config file or an error message.
 */
export function remoteGit(gitDir: string, { remote, input, ...more }: LocalRequest): SimpleGit {
  const header = remote?.token ? tokenHeader(remote.url, remote.token) : {};
  const silence: GitSettings = remote?.silenceS ? { "http.lowSpeedTime": `${remote.silenceS}` } : {};
  const environment = {
    ...gitEnvironment({ ...header, ...silence, ...more.settings }),
    GIT_DIR: gitDir,
    ...more.environment,
  };
  return simpleGit({
    baseDir: gitDir,
    abort: AbortSignal.any([AbortSignal.timeout(REMOTE_TIMEOUT_MS), ...(remote?.signal ? [remote.signal] : [])]),
    ...(input !== undefined && { input: () => input }),
    // A helper of an aborted git may hold its pipes open for as long as the remote is silent.
    completion: { onClose: true, onExit: 50 },
    allowEnvironment: Object.keys(environment),
    // simple-git guards against settings like these coming from users; ours are constants that switch such things off.
    unsafe: {
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeAskPass: true,
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeGpgProgram: true,
    },
  }).env(environment);
}

/** GitHub takes an installation or personal token as the password of any user name. */
function tokenHeader(url: string, token: string): Record<string, string> {
  const { origin, protocol } = new URL(url);
  if (protocol === "file:") return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}` };
}

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Both go on a git command line; neither may read as an option or run a helper (`ext::`). */
export function checkRemote(remote: Remote, commit?: string): void {
  const { protocol, username, password } = new URL(remote.url);
  if (!["https:", "http:", "file:"].includes(protocol)) throw new Error(`Cannot clone over ${protocol}`);
  if (username || password) throw new Error("A clone URL must not hold credentials; pass the token.");
  if (commit !== undefined && !SHA.test(commit)) throw new Error("A commit is named by its full id.");
}
