import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a machine says about itself, as far as it explains why no sandbox works there. */
export type MachineFacts = {
  platform: NodeJS.Platform;
  isRoot: boolean;
  isContainer: boolean;
  /** Where it stands; absent: not installed. */
  bwrap?: string;
  perl: boolean;
  packages?: "apt" | "dnf" | "pacman" | "apk" | "zypper";
  /** We run under a seccomp filter ourselves. */
  hasFilter: boolean;
  /** The AppArmor profile that we run under; empty without one. */
  apparmor: string;
  /** Ubuntu's setting, from 24.04 on. */
  restrictsUserNamespaces: boolean;
  /** Files of /etc/apparmor.d that name /usr/bin/bwrap. */
  bwrapProfiles: string[];
  /** Ubuntu's profile for it, unloaded. */
  hasExtraProfile: boolean;
  maxUserNamespaces?: number;
  /** Debian's old setting. */
  unprivilegedClone?: number;
  /** What each mode met when it was tried. */
  failed: { bubblewrap?: string; namespaces?: string };
};

export function machineFacts(
  found: Pick<MachineFacts, "failed"> & { bwrap: string | undefined; perl: string | undefined },
  root = "/",
): MachineFacts {
  const at = (path: string) => join(root, path);
  const number = (path: string) => {
    const text = read(at(path)).trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const has = (path: string) => existsSync(at(path));
  const packages = (["apt", "dnf", "pacman", "apk", "zypper"] as const).find(
    (name) => has(`usr/bin/${name}`) || has(`sbin/${name}`),
  );
  const maxUserNamespaces = number("proc/sys/user/max_user_namespaces");
  const unprivilegedClone = number("proc/sys/kernel/unprivileged_userns_clone");
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    isContainer:
      has(".dockerenv") || has("run/.containerenv") || /^(container|KUBERNETES_SERVICE_HOST)=/m.test(own(at)),
    ...(found.bwrap !== undefined && { bwrap: found.bwrap }),
    perl: found.perl !== undefined,
    ...(packages && { packages }),
    hasFilter: /^Seccomp:\s+2$/m.test(read(at("proc/self/status"))),
    apparmor: read(at("proc/self/attr/current")).trim(),
    restrictsUserNamespaces: number("proc/sys/kernel/apparmor_restrict_unprivileged_userns") === 1,
    bwrapProfiles: profilesIn(at("etc/apparmor.d")),
    hasExtraProfile: has("usr/share/apparmor/extra-profiles/bwrap-userns-restrict"),
    ...(maxUserNamespaces !== undefined && { maxUserNamespaces }),
    ...(unprivilegedClone !== undefined && { unprivilegedClone }),
    failed: found.failed,
  };
}

/** Container engines say so to the first process. */
const own = (at: (path: string) => string) => read(at("proc/1/environ")).replaceAll("\0", "\n");

const profilesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\/usr\/bin\/bwrap\b/.test(read(join(folder, entry.name))))
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
};

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
