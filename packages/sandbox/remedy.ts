import type { MachineFacts } from "./machine-facts.ts";

/** Why commands have no sandbox here, and one command (or step) that changes it. */
export type SandboxRemedy = { why: string; fix: string };

const PROFILE = "bwrap-userns-restrict";
const EXTRA = `/usr/share/apparmor/extra-profiles/${PROFILE}`;

const INSTALL: Record<NonNullable<MachineFacts["packages"]>, string> = {
  apt: "sudo apt install bubblewrap",
  dnf: "sudo dnf install bubblewrap",
  pacman: "sudo pacman -S bubblewrap",
  apk: "sudo apk add bubblewrap",
  zypper: "sudo zypper install bubblewrap",
};

/**
 * The first cause that the facts show. Files only explain: whether there is a sandbox was tried with the real thing.
 * Nothing here opens the whole machine to user namespaces where one program needs them.
 */
export function remedyFor(facts: MachineFacts): SandboxRemedy {
  const { failed, packages } = facts;
  const install = packages ? INSTALL[packages] : "Install bubblewrap with the system's package manager.";
  if (facts.platform !== "linux")
    return {
      why: "Commands run in a sandbox on Linux only.",
      fix: "Run Cody in a Linux container or virtual machine, as root of it or with bubblewrap.",
    };
  if (facts.maxUserNamespaces === 0 && (!facts.isRoot || facts.isContainer))
    return { why: "This machine allows no user namespaces.", fix: "sudo sysctl user.max_user_namespaces=15000" };
  if (facts.unprivilegedClone === 0 && !facts.isRoot)
    return {
      why: "This machine allows no user namespaces to ordinary users.",
      fix: "sudo sysctl kernel.unprivileged_userns_clone=1",
    };
  if (facts.isContainer && facts.hasFilter && [failed.bubblewrap, failed.namespaces].some(isRefused))
    return {
      why: "The settings of this container forbid a sandbox in it.",
      fix: 'Start it with --security-opt seccomp=unconfined (devcontainer.json: "runArgs"), or run Cody on the host.',
    };
  if (facts.isContainer && facts.apparmor.startsWith("docker-"))
    return {
      why: "The host's AppArmor forbids a sandbox in containers.",
      fix: "Run Cody on the host, or its own image as root.",
    };
  if (facts.restrictsUserNamespaces) return underAppArmor(facts);
  if (!facts.bwrap && !facts.perl)
    return { why: "Commands need bubblewrap or perl, and neither is installed.", fix: install };
  if (!facts.bwrap) return { why: `Commands have no sandbox by perl (${failed.namespaces}).`, fix: install };
  return {
    why: `No sandbox works here (${failed.bubblewrap ?? "it was not tried"}).`,
    fix: "Run Cody in its own image as root (docs/deploy.md).",
  };
}

/** Ubuntu lets only programs with a profile of their own make a user namespace: /usr/bin/bwrap can have one. */
function underAppArmor({ bwrap, bwrapProfiles, hasExtraProfile }: MachineFacts): SandboxRemedy {
  if (!bwrap && hasExtraProfile)
    return { why: "Ubuntu lets bubblewrap make a sandbox once it has its profile.", fix: withProfile("bubblewrap ") };
  if (!bwrap)
    return { why: "Ubuntu lets only bubblewrap make a sandbox.", fix: "sudo apt install bubblewrap apparmor-profiles" };
  if (bwrap !== "/usr/bin/bwrap")
    return { why: `Ubuntu lets /usr/bin/bwrap make a sandbox, and not ${bwrap}.`, fix: "sudo apt install bubblewrap" };
  if (bwrapProfiles.length > 1)
    return {
      why: "Two AppArmor profiles name /usr/bin/bwrap, so neither applies.",
      fix: `Keep one of them: ${bwrapProfiles.join(", ")}`,
    };
  if (bwrapProfiles.length === 1)
    return {
      why: "bubblewrap's AppArmor profile is there, and it is refused all the same.",
      fix: `sudo apparmor_parser -r ${bwrapProfiles[0]}`,
    };
  return { why: "Ubuntu 24.04 needs a profile for bubblewrap.", fix: withProfile("") };
}

const withProfile = (more: string) =>
  `sudo apt install ${more}apparmor-profiles && sudo install -m644 ${EXTRA} /etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/${PROFILE}`;

/** errno's words, and bubblewrap's own. */
const isRefused = (why = "") => /Operation not permitted|Permission denied|No permissions/.test(why);
