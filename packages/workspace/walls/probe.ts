import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeWorkspaceFolders } from "../folders.ts";
import { COMMAND_LIMITS, type CommandLimits } from "../limits.ts";
import { newWorkspace } from "../workspace.ts";
import { bubblewrap, ownToolchain } from "./bubblewrap.ts";
import { createWalls } from "./create.ts";
import { SHARED_DISK, SHARED_MEMORY, sweep } from "./leftovers.ts";
import { LAUNCHER, ownUid } from "./own-uid.ts";
import type { TierBuild } from "./tier.ts";
import type { TunnelPolicy } from "./tunnel.ts";
import { unsafe } from "./unsafe.ts";
import type { Tier, Walls } from "./walls.ts";

export type ProbeOptions = {
  /** The owner of the machine accepts commands without walls when there are none. */
  unsafe: boolean;
  /** Folders with programs that commands may use, read-only, at the end of PATH. */
  toolchains?: readonly string[];
  /** The compiled walls/launcher/enclose.c. */
  launcher?: string;
  /** Tests: consider just these. */
  tiers?: readonly Tier[];
  limits?: Partial<CommandLimits>;
  mayReach?: TunnelPolicy;
};

/** Tries the tiers from the strongest on, each with a real command, and returns the first whose walls hold. */
export async function probeWalls(options: ProbeOptions): Promise<Walls> {
  const wanted = (tier: Tier) => options.tiers?.includes(tier) ?? true;
  const toolchains = [...(options.toolchains ?? []), ownToolchain(process.execPath)];
  const limits = { ...COMMAND_LIMITS, ...options.limits };
  const notes: string[] = [];
  for (const find of [findBubblewrap, findOwnUid, findOwnUidWithoutSockets]) {
    const found = find(
      { toolchains, limits, ...(options.mayReach && { mayReach: options.mayReach }) },
      options.launcher ?? LAUNCHER,
    );
    if (!wanted(found.tier)) continue;
    const missing = "missing" in found ? found.missing : await whatIsWrongWith(found.build);
    if (!missing && "build" in found) {
      // The same number may have been another runner's before.
      if (found.build.owner) await sweep(found.build.owner.uid, [...SHARED_MEMORY, ...SHARED_DISK]);
      return createWalls(found.build, [HOLDING[found.tier] ?? `${found.tier} holds`, ...notes].join("; "), limits);
    }
    notes.push(`no ${found.tier}: ${missing}`);
  }
  if (options.unsafe && wanted("unsafe")) {
    return createWalls(unsafe("unsafe", toolchains), ["commands run without walls", ...notes].join("; "), limits);
  }
  return createWalls(unsafe("off", toolchains), ["commands are off", ...notes].join("; "), limits);
}

const HOLDING: Partial<Record<Tier, string>> = {
  "own-uid without sockets":
    "own-uid without sockets holds: tests that open a server fail here, and setup has no network",
};

/** git on trees that nobody's commands wrote, as Publish has them. */
export const noCommands = () => createWalls(unsafe("off", []), "commands are off", COMMAND_LIMITS);

type Found = { tier: Tier } & ({ build: TierBuild } | { missing: string });

type Common = { toolchains: readonly string[]; limits: CommandLimits; mayReach?: TunnelPolicy };

function findBubblewrap(common: Common): Found {
  const tier = "bubblewrap";
  if (process.platform !== "linux") return { tier, missing: "it needs Linux" };
  const [bwrap, prlimit, setpriv] = [program("bwrap"), program("prlimit"), program("setpriv")];
  if (!bwrap) return { tier, missing: "bwrap is not installed" };
  if (!prlimit) return { tier, missing: "prlimit (util-linux) is not installed" };
  if (!isRoot()) return { tier, build: bubblewrap({ bwrap, prlimit }, common) };
  if (!setpriv) return { tier, missing: "setpriv (util-linux) is not installed" };
  return { tier, build: bubblewrap({ bwrap, prlimit, setpriv }, { ...common, owner: ownerForThisRunner() }) };
}

const findOwnUid = (common: Common, launcher: string) => findLauncher(common, launcher, true);
const findOwnUidWithoutSockets = (common: Common, launcher: string) => findLauncher(common, launcher, false);

function findLauncher(common: Common, launcher: string, supervised: boolean): Found {
  const build = ownUid(launcher, { ...common, owner: ownerForThisRunner(), supervised });
  const { tier } = build;
  if (process.platform !== "linux") return { tier, missing: "it needs Linux" };
  if (!isRoot()) return { tier, missing: "only root can switch users" };
  if (!isProgram(launcher)) return { tier, missing: `${launcher} is not there` };
  return { tier, build };
}

const HOLDS = "walls hold";

/** Prints HOLDS only when it sees its tree, no capability, no way to gain one, a filter, and none of our environment. */
const PROBE = `
[ -d "$HOME" ] && : >probe &&
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status &&
grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status &&
grep -q '^Seccomp:[[:space:]]*2$' /proc/self/status &&
! grep -aqs CODY_WALLS_CANARY /proc/1/environ /proc/$PPID/environ &&
echo ${HOLDS}`;

/** A server and a client on loopback; prints what the client was told. */
const PROBE_LOOPBACK = `node -e '
const server = net.createServer((client) => client.end("${HOLDS}")).listen(0, () =>
  net.connect(server.address().port, "127.0.0.1").on("end", () => server.close()).pipe(process.stdout));'`;

async function whatIsWrongWith(build: TierBuild): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "cody-walls-"));
  try {
    await chmod(folder, 0o711);
    const walls = createWalls(build, "", COMMAND_LIMITS);
    const workspace = newWorkspace({ folder: join(folder, "probe"), baseCommit: "", walls, checkedOut: false });
    await makeWorkspaceFolders(workspace);
    const command = build.tier === "own-uid" ? PROBE.replace(/echo .*$/, PROBE_LOOPBACK) : PROBE;
    const { exitCode, output } = await walls.run(workspace, { command, timeoutMs: 10_000, maxBytes: 2_000 });
    return output.trim() === HOLDS ? undefined : `the probe ended with ${exitCode} ${output.trim()}`.trim();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A user id per runner: no two live processes have the same pid, and no distribution hands these ids out. */
function ownerForThisRunner() {
  const id = 200_000_000 + process.pid;
  return { uid: id, gid: id };
}

const isRoot = () => process.getuid?.() === 0;

const program = (name: string) =>
  ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => join(folder, name)).find(isProgram);

function isProgram(path: string) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
