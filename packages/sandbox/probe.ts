import { accessSync, constants } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PrivateHost } from "../config/hosts.ts";
import { bubblewrap, ownToolchain } from "./bubblewrap.ts";
import { userForThisRunner } from "./command-user.ts";
import { createSandbox } from "./create.ts";
import { foldersIn, makeFolders } from "./folders.ts";
import { COMMAND_LIMITS, type CommandLimits } from "./limits.ts";
import type { ModeBuild, Proxies } from "./mode.ts";
import { removeOrphans, SHARED_DISK, SHARED_MEMORY } from "./orphans.ts";
import { LAUNCHER, ownUid } from "./own-uid.ts";
import { destinations, type Policy } from "./proxy/destinations.ts";
import { limitsFor } from "./proxy/outside.ts";
import { startProxy } from "./proxy/server.ts";
import { PUBLIC_HOSTS } from "./registries/public.ts";
import { ownLimits } from "./resources.ts";
import type { Sandbox, SandboxMode } from "./sandbox.ts";
import { removeDeadSocketFolders } from "./short-folder.ts";
import { unsafe } from "./unsafe.ts";

export type ProbeOptions = {
  /** The owner of the machine accepts commands without a sandbox when there are none. */
  unsafe: boolean;
  /** Folders with programs that commands may use, read-only, at the end of PATH. */
  toolchains?: readonly string[];
  /** The compiled launcher/enclose.c. */
  launcher?: string;
  /** Tests: consider just these. */
  modes?: readonly SandboxMode[];
  limits?: Partial<CommandLimits>;
  /** Where workspaces will stand, so that the sandbox is tried there; absent: a folder of its own. */
  folder?: string;
  /** Hosts of the deployment's own network that a command with network "any" may reach. */
  privateHosts?: readonly PrivateHost[];
  /** Tests: in place of the rules for destinations. */
  policy?: Policy;
};

/** Tries the modes from the strongest on, each with a real command, and returns the first that holds. */
export async function probeSandbox(options: ProbeOptions): Promise<Sandbox> {
  const wanted = (mode: SandboxMode) => options.modes?.includes(mode) ?? true;
  const toolchains = [...(options.toolchains ?? []), ownToolchain(process.execPath)];
  const limits = { ...COMMAND_LIMITS, ...options.limits };
  const proxies = proxiesFor(options);
  const notes: string[] = [];
  await removeDeadSocketFolders();
  for (const find of [findBubblewrap, findOwnUid, findOwnUidWithoutSockets]) {
    const found = find({ toolchains, limits, proxies }, options.launcher ?? LAUNCHER);
    if (!wanted(found.mode)) continue;
    const missing = "missing" in found ? found.missing : await whatIsWrongWith(found.build, options.folder);
    if (!missing && "build" in found) {
      // The same number may have been another runner's before.
      if (found.build.owner) await removeOrphans(found.build.owner.uid, [...SHARED_MEMORY, ...SHARED_DISK]);
      return createSandbox(found.build, [HOLDING[found.mode] ?? `${found.mode} holds`, ...notes].join("; "), limits);
    }
    notes.push(`no ${found.mode}: ${missing}`);
  }
  if (options.unsafe && wanted("unsafe")) {
    return createSandbox(
      unsafe("unsafe", toolchains, proxies),
      ["commands run without a sandbox", ...notes].join("; "),
      limits,
    );
  }
  return createSandbox(unsafe("off", toolchains), ["commands are off", ...notes].join("; "), limits);
}

function proxiesFor(options: ProbeOptions): Proxies {
  const policy = options.policy ?? destinations(options.privateHosts);
  const limits = limitsFor(ownLimits().nofile);
  const registriesAlone: Policy = {
    refuses: ({ host, port }) =>
      PUBLIC_HOSTS.includes(host) && port === 443
        ? undefined
        : `${host} is closed: network "registries" reaches public package registries alone.`,
    refusesAddress: policy.refusesAddress,
  };
  return {
    any: (where) => startProxy(where, policy, limits),
    registries: (where) => startProxy(where, registriesAlone, limits),
  };
}

const HOLDING: Partial<Record<SandboxMode, string>> = {
  "own-uid without sockets":
    "own-uid without sockets holds: tests that open a server fail here, and setup has no network",
};

/** For git on trees that no command wrote, as Publish has them. */
export const noCommands = () => createSandbox(unsafe("off", []), "commands are off", COMMAND_LIMITS);

type Found = { mode: SandboxMode } & ({ build: ModeBuild } | { missing: string });

type Common = { toolchains: readonly string[]; limits: CommandLimits; proxies: Proxies };

function findBubblewrap(common: Common): Found {
  const mode = "bubblewrap";
  if (process.platform !== "linux") return { mode, missing: "it needs Linux" };
  const [bwrap, prlimit, setpriv] = [program("bwrap"), program("prlimit"), program("setpriv")];
  if (!bwrap) return { mode, missing: "bwrap is not installed" };
  if (!prlimit) return { mode, missing: "prlimit (util-linux) is not installed" };
  if (!isRoot()) return { mode, build: bubblewrap({ bwrap, prlimit }, common) };
  if (!setpriv) return { mode, missing: "setpriv (util-linux) is not installed" };
  const owner = userForThisRunner();
  if (!owner) return { mode, missing: NO_USER };
  return { mode, build: bubblewrap({ bwrap, prlimit, setpriv }, { ...common, owner }) };
}

const findOwnUid = (common: Common, launcher: string) => findLauncher(common, launcher, true);
const findOwnUidWithoutSockets = (common: Common, launcher: string) => findLauncher(common, launcher, false);

function findLauncher(common: Common, launcher: string, supervised: boolean): Found {
  const mode = supervised ? "own-uid" : "own-uid without sockets";
  if (process.platform !== "linux") return { mode, missing: "it needs Linux" };
  if (!isRoot()) return { mode, missing: "only root can switch users" };
  if (!isProgram(launcher)) return { mode, missing: `${launcher} is not there` };
  const owner = userForThisRunner();
  return owner ? { mode, build: ownUid(launcher, { ...common, owner, supervised }) } : { mode, missing: NO_USER };
}

const HOLDS = "sandbox holds";

/**
 * Prints HOLDS only when it sees its tree, no capability, no way to gain one, a filter, and none of our environment.
 */
const PROBE = `
[ -d "$HOME" ] && : >probe &&
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status &&
grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status &&
grep -q '^Seccomp:[[:space:]]*2$' /proc/self/status &&
! grep -aqs CODY_SANDBOX_CANARY /proc/1/environ /proc/$PPID/environ &&
echo ${HOLDS}`;

/** A server and a client on loopback; prints what the client was told. */
const PROBE_LOOPBACK = `node -e '
const server = net.createServer((client) => client.end("${HOLDS}")).listen(0, () =>
  net.connect(server.address().port, "127.0.0.1").on("end", () => server.close()).pipe(process.stdout));'`;

async function whatIsWrongWith(build: ModeBuild, where: string | undefined): Promise<string | undefined> {
  let folder: string | undefined;
  try {
    if (where !== undefined) await mkdir(where, { recursive: true });
    folder = where === undefined ? await mkdtemp(join(tmpdir(), "cody-sandbox-")) : join(where, "probe");
    const sandbox = createSandbox(build, "", COMMAND_LIMITS);
    const folders = foldersIn(join(folder, "probe"));
    await makeFolders(folders, sandbox.owner);
    await chmod(folder, 0o711);
    const command = build.mode === "own-uid" ? PROBE.replace(/echo .*$/, PROBE_LOOPBACK) : PROBE;
    const { exitCode, output, broken } = await sandbox.run(folders, { command, timeoutMs: 10_000, maxBytes: 2_000 });
    if (output.trim() === HOLDS) return undefined;
    return broken ?? `the probe ended with ${exitCode} ${output.trim()}`.trim();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

const NO_USER = "no user but root is mapped into this container (/proc/self/uid_map)";

const isRoot = () => process.getuid?.() === 0;

/** The distribution's own comes first: Ubuntu's AppArmor lets /usr/bin/bwrap alone make a sandbox. */
const program = (name: string) =>
  ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].map((folder) => join(folder, name)).find(isProgram);

function isProgram(path: string) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
