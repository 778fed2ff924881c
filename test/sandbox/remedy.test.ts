import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type MachineFacts, machineFacts } from "../../packages/sandbox/machine-facts.ts";
import { remedyFor } from "../../packages/sandbox/remedy.ts";
import { scratchFolder } from "../workspace/origin.ts";

const PLAIN: MachineFacts = {
  platform: "linux",
  isRoot: false,
  isContainer: false,
  perl: true,
  packages: "apt",
  hasFilter: false,
  apparmor: "unconfined",
  restrictsUserNamespaces: false,
  bwrapProfiles: [],
  hasExtraProfile: false,
  failed: {},
};
const EPERM = "the sandbox could not be built: namespaces: new user namespace: Operation not permitted";
const UBUNTU = { restrictsUserNamespaces: true, failed: { namespaces: EPERM } };
const BWRAP = { bwrap: "/usr/bin/bwrap" };

describe("why there is no sandbox, and what changes it", () => {
  it.each<[title: string, facts: Partial<MachineFacts>, why: RegExp, fix: RegExp]>([
    ["neither program, Debian", { perl: false }, /bubblewrap or perl/, /^sudo apt install bubblewrap$/],
    [
      "neither program, Fedora",
      { perl: false, packages: "dnf" },
      /bubblewrap or perl/,
      /^sudo dnf install bubblewrap$/,
    ],
    ["neither program, Alpine", { perl: false, packages: "apk" }, /bubblewrap or perl/, /^sudo apk add bubblewrap$/],
    ["Ubuntu 25.04 without bubblewrap", UBUNTU, /only bubblewrap/, /^sudo apt install bubblewrap/],
    [
      "Ubuntu 24.04 with bubblewrap",
      { ...UBUNTU, ...BWRAP },
      /24.04 needs a profile/,
      /apparmor_parser -r .*bwrap-userns-restrict$/,
    ],
    [
      "Ubuntu, bwrap of one's own",
      { ...UBUNTU, bwrap: "/usr/local/bin/bwrap" },
      /not \/usr\/local\/bin\/bwrap/,
      /apt install bubblewrap$/,
    ],
    [
      "Ubuntu, two profiles",
      { ...UBUNTU, ...BWRAP, bwrapProfiles: ["/etc/apparmor.d/a", "/etc/apparmor.d/b"] },
      /Two AppArmor profiles/,
      /a, .*b$/,
    ],
    [
      "a container's filter",
      { isContainer: true, hasFilter: true, failed: { bubblewrap: "bwrap is not installed", namespaces: EPERM } },
      /settings of this container/,
      /seccomp=unconfined/,
    ],
    [
      "a container under AppArmor",
      { isContainer: true, apparmor: "docker-default (enforce)", failed: { namespaces: EPERM } },
      /host's AppArmor/,
      /on the host/,
    ],
    [
      "no user namespaces",
      { maxUserNamespaces: 0 },
      /no user namespaces/,
      /^sudo sysctl user.max_user_namespaces=15000$/,
    ],
    ["an old Debian", { unprivilegedClone: 0 }, /ordinary users/, /unprivileged_userns_clone=1$/],
    ["a Mac", { platform: "darwin" }, /Linux only/, /container or virtual machine/],
    ["something else", { ...BWRAP, failed: { bubblewrap: "bwrap: no such thing" } }, /bwrap: no such thing/, /image/],
  ])("%s", (_, facts, why, fix) => {
    const remedy = remedyFor({ ...PLAIN, ...facts });
    expect(remedy.why).toMatch(why);
    expect(remedy.fix).toMatch(fix);
    // It would open the whole machine for one program.
    expect(remedy.fix).not.toMatch(/apparmor_restrict_unprivileged_userns/);
  });

  it("reads the facts where a machine keeps them", async () => {
    const root = await scratchFolder();
    const put = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    put(".dockerenv", "");
    put("usr/bin/dnf", "");
    put("proc/self/status", "Name:\tnode\nSeccomp:\t2\n");
    put("proc/self/attr/current", "docker-default (enforce)\n");
    put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
    put("proc/sys/user/max_user_namespaces", "0\n");
    put("etc/apparmor.d/bwrap", "profile bwrap /usr/bin/bwrap flags=(unconfined) {}\n");
    put("etc/apparmor.d/other", "profile other /usr/bin/other {}\n");
    expect(machineFacts({ failed: {}, bwrap: undefined, perl: "/usr/bin/perl" }, root)).toMatchObject({
      isContainer: true,
      perl: true,
      packages: "dnf",
      hasFilter: true,
      apparmor: "docker-default (enforce)",
      restrictsUserNamespaces: true,
      bwrapProfiles: [join(root, "etc/apparmor.d/bwrap")],
      hasExtraProfile: false,
      maxUserNamespaces: 0,
    });
  });
});
