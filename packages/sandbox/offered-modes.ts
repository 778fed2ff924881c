import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Builder, bubblewrap, openAsMounts } from "./bubblewrap.ts";
import { userForThisRunner } from "./command-user.ts";
import type { CommandLimits } from "./limits.ts";
import type { ModeBuild, Proxies } from "./mode.ts";
import { openToAll, ownUid } from "./own-uid.ts";
import type { SandboxMode } from "./sandbox.ts";
import type { Toolchains } from "./toolchains/toolchains.ts";

/** Builds in the order in which they are tried. */
type Found = { mode: SandboxMode } & ({ builds: ModeBuild[] } | { missing: string });

type Common = { toolchains: Toolchains; limits: CommandLimits; proxies: Proxies };

const findBubblewrap = (common: Common) =>
  findBuilder("bubblewrap", common, () => {
    const bwrap = program("bwrap");
    return bwrap ? [bwrap] : "bwrap is not installed";
  });

/** The same by a program of ours, where bubblewrap is not installed. */
const findNamespaces = (common: Common) =>
  findBuilder("namespaces", common, () => {
    const perl = program("perl");
    if (!existsSync(ENCLOSE)) return "its program is not part of this image";
    return perl ? [perl, ENCLOSE, process.arch, String(process.pid)] : "perl is not installed";
  });
/** Beside a bundle it stands where it stands here. */
export const ENCLOSE = fileURLToPath(new URL("enclose.pl", import.meta.url));

function findBuilder(mode: Builder["mode"], common: Common, find: () => Builder["argv"] | string): Found {
  if (process.platform !== "linux") return { mode, missing: "it needs Linux" };
  const argv = find();
  if (typeof argv === "string") return { mode, missing: argv };
  const [prlimit, setpriv] = [program("prlimit"), program("setpriv")];
  if (!prlimit) return { mode, missing: "prlimit (util-linux) is not installed" };
  const inEachWay = (more: Pick<Builder, "setpriv">, as: Parameters<typeof bubblewrap>[1]) =>
    (["own", "bound"] as const).map((proc) => bubblewrap({ mode, argv, prlimit, proc, ...more }, as));
  const owner = isRoot() && mayMount() ? userForThisRunner() : undefined;
  // Everyone else makes a user namespace: root of a container, too, that may not mount or has no other user.
  if (!owner) return { mode, builds: inEachWay({}, common) };
  if (!setpriv) return { mode, missing: "setpriv (util-linux) is not installed" };
  const toolchains = openAsMounts(common.toolchains);
  return { mode, builds: inEachWay({ setpriv }, { ...common, toolchains, owner }) };
}

const findOwnUid = (common: Common, launcher: string) => findLauncher(common, launcher, true);
const findOwnUidWithoutSockets = (common: Common, launcher: string) => findLauncher(common, launcher, false);

function findLauncher(common: Common, launcher: string, supervised: boolean): Found {
  const mode = supervised ? "own-uid" : "own-uid without sockets";
  if (process.platform !== "linux") return { mode, missing: "it needs Linux" };
  if (!isRoot()) return { mode, missing: "only root can switch users" };
  if (!isProgram(launcher)) return { mode, missing: `${launcher} is not there` };
  const owner = userForThisRunner();
  if (!owner) return { mode, missing: NO_USER };
  const toolchains = openToAll(common.toolchains);
  return { mode, builds: [ownUid(launcher, { ...common, toolchains, owner, supervised })] };
}

/** From the strongest on. */
export const OFFERED_MODES: ((common: Common, launcher: string) => Found)[] = [
  findBubblewrap,
  findNamespaces,
  findOwnUid,
  findOwnUidWithoutSockets,
];

const NO_USER = "no user but root is mapped into this container (/proc/self/uid_map)";

/** capabilities(7): CAP_SYS_ADMIN is bit 21. */
const mayMount = () => {
  const [, effective = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
};

const isRoot = () => process.getuid?.() === 0;

/** The distribution's own comes first: Ubuntu's AppArmor lets /usr/bin/bwrap alone make a sandbox. */
export const program = (name: string) =>
  ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].map((folder) => join(folder, name)).find(isProgram);

function isProgram(path: string) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
