import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PrivateHost } from "../config/hosts.ts";
import type { OwnRegistry, RegistryCredentials } from "../config/registries.ts";
import { createSandbox } from "./create.ts";
import { foldersIn, makeFolders } from "./folders.ts";
import { COMMAND_LIMITS, type CommandLimits } from "./limits.ts";
import { machineFacts } from "./machine-facts.ts";
import type { ModeBuild, Proxies } from "./mode.ts";
import { OFFERED_MODES, program } from "./offered-modes.ts";
import { removeOrphans, SHARED_DISK, SHARED_MEMORY } from "./orphans.ts";
import { LAUNCHER } from "./own-uid.ts";
import { destinations, type Policy } from "./proxy/destinations.ts";
import { limitsFor } from "./proxy/outside.ts";
import { startProxy } from "./proxy/server.ts";
import type { RegistryRequest } from "./registries/answer.ts";
import { REGISTRY_LIMITS, registryHistory } from "./registries/history.ts";
import { PUBLIC_REGISTRIES, type PublicRegistry } from "./registries/public.ts";
import { type HostRules, rulesOf } from "./registries/rules.ts";
import { startRegistryProxy } from "./registries/server.ts";
import { remedyFor } from "./remedy.ts";
import { ownLimits } from "./resources.ts";
import type { Sandbox, SandboxMode } from "./sandbox.ts";
import { removeDeadSocketFolders } from "./short-folder.ts";
import { hasPython } from "./toolchains/python.ts";
import { SYSTEM_ALONE, type Toolchains, withFolder } from "./toolchains/toolchains.ts";
import { unsafe } from "./unsafe.ts";

export type ProbeOptions = {
  /** The owner of the machine accepts commands without a sandbox when there are none. */
  unsafe: boolean;
  /** What commands may use besides the system's own programs. */
  toolchains?: Toolchains;
  /** The compiled launcher/enclose.c. */
  launcher?: string;
  /** Tests: consider just these. */
  modes?: readonly SandboxMode[];
  limits?: Partial<CommandLimits>;
  /** Where workspaces will stand, so that the sandbox is tried there; absent: a folder of its own. */
  folder?: string;
  /** Hosts of the deployment's own network that a command with network "any" may reach. */
  privateHosts?: readonly PrivateHost[];
  /** Besides the public ones, for a command with network "registries". `log` hears of each request. */
  registries?: {
    own: readonly OwnRegistry[];
    credentials: RegistryCredentials;
    log?(request: RegistryRequest): void;
  };
  /** Tests: in place of the rules for destinations. */
  policy?: Policy;
  /** Tests: in place of the public registries. */
  publicRegistries?: readonly PublicRegistry[];
};

/** Tries the modes from the strongest on, each with a real command, and returns the first that holds. */
export async function probeSandbox(options: ProbeOptions): Promise<Sandbox> {
  const wanted = (mode: SandboxMode) => options.modes?.includes(mode) ?? true;
  // `node` exists inside wherever it is installed.
  const toolchains = withFolder(options.toolchains ?? SYSTEM_ALONE, dirname(process.execPath));
  const limits = { ...COMMAND_LIMITS, ...options.limits };
  const proxies = proxiesFor(options);
  const notes: string[] = [];
  const failed: Partial<Record<SandboxMode, string>> = {};
  await removeDeadSocketFolders();
  for (const find of OFFERED_MODES) {
    const found = find({ toolchains, limits, proxies }, options.launcher ?? LAUNCHER);
    if (!wanted(found.mode)) continue;
    const tried = "missing" in found ? found : await firstThatHolds(found.builds, options.folder);
    if ("holds" in tried) {
      const { holds: build } = tried;
      // The same number may have been another runner's before.
      if (build.owner) await removeOrphans(build.owner.uid, [...SHARED_MEMORY, ...SHARED_DISK]);
      const holds = HOLDING[found.mode] ?? `${found.mode} holds`;
      return sandboxOf(build, build.remark ? `${holds}; ${build.remark}` : holds);
    }
    notes.push(`no ${found.mode}: ${tried.missing}`);
    failed[found.mode] = tried.missing;
  }
  if (options.unsafe && wanted("unsafe"))
    return sandboxOf(unsafe("unsafe", toolchains, proxies), "commands run without a sandbox");
  const { why, fix } = remedyFor(machineFacts({ failed, bwrap: program("bwrap"), perl: program("perl") }));
  const off = sandboxOf(unsafe("off", toolchains), `commands are off. ${why} ${fix}`);
  return { ...off, remedy: { why, fix } };

  function sandboxOf(build: ModeBuild, says: string) {
    const { left } = build.toolchains;
    const unseen = left.length > 0 ? [`commands do not see ${left.join(", ")} (CODY_PATH names what they see)`] : [];
    const python = hasPython(toolchains.path);
    return createSandbox(build, [says, ...notes, ...unseen].join("; "), limits, { hasPython: python });
  }
}

function proxiesFor(options: ProbeOptions): Proxies {
  const policy = options.policy ?? destinations(options.privateHosts);
  const limits = limitsFor(ownLimits().nofile);
  const { own, credentials, log } = options.registries ?? NO_REGISTRIES;
  const rules = rulesOf(options.publicRegistries ?? PUBLIC_REGISTRIES, own, credentials);
  const history = registryHistory(REGISTRY_LIMITS);
  const registries = {
    policy: options.policy ?? destinations([...rules.hosts.values()].filter(isOwn)),
    rules,
    history,
  };
  return {
    any: (where) => startProxy(where, policy, limits),
    registries: (where) => startRegistryProxy(where, { ...registries, limits, ...(log && { log }) }),
  };
}

const NO_REGISTRIES: NonNullable<ProbeOptions["registries"]> = { own: [], credentials: new Map() };

const isOwn = ({ open }: HostRules) => open === undefined;

const HOLDING: Partial<Record<SandboxMode, string>> = {
  "own-uid without sockets":
    "own-uid without sockets holds: tests that open a server fail here, and setup has no network",
};

/** For git on trees that no command wrote, as Publish has them. */
export const noCommands = () => createSandbox(unsafe("off", SYSTEM_ALONE), "commands are off", COMMAND_LIMITS);

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

/** In the words of the first: the others are tried because of what it met. */
async function firstThatHolds(
  builds: readonly ModeBuild[],
  where: string | undefined,
): Promise<{ holds: ModeBuild } | { missing: string }> {
  let missing: string | undefined;
  for (const build of builds) {
    const wrong = await whatIsWrongWith(build, where);
    if (wrong === undefined) return { holds: build };
    missing ??= wrong;
  }
  return { missing: missing ?? "it is not offered here" };
}

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
