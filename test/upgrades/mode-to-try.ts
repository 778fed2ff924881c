import type { ProbeOptions } from "../../packages/sandbox/probe.ts";
import { destinations } from "../../packages/sandbox/proxy/destinations.ts";
import { PUBLIC_REGISTRIES } from "../../packages/sandbox/registries/public.ts";
import type { SandboxMode } from "../../packages/sandbox/sandbox.ts";

export const MODES = ["bubblewrap", "namespaces", "own-uid", "unsafe"] as const satisfies SandboxMode[];

export type ModeToTry = {
  mode: (typeof MODES)[number];
  /** Where trees stand: a folder that the users of commands can reach, unlike the stack's own. */
  work: string;
  /** The compiled launcher/enclose.c, for own-uid. */
  launcher?: string;
  mirrors: Mirrors;
};

/** Registries of this machine's own network that stand behind the public names. */
export type Mirrors = {
  /** The proxy may connect to them, though they are no addresses of the internet. */
  addresses: readonly string[];
  /** What begins like this is a package there, besides the paths of the public registries. */
  paths: readonly string[];
};

export function sandboxOptionsOf({ mode, launcher, mirrors }: ModeToTry): Partial<ProbeOptions> {
  const policy = destinations();
  return {
    modes: [mode],
    unsafe: mode === "unsafe",
    ...(launcher !== undefined && { launcher }),
    policy: {
      ...policy,
      refusesAddress: (target, address) =>
        mirrors.addresses.includes(address) ? undefined : policy.refusesAddress(target, address),
    },
    publicRegistries: PUBLIC_REGISTRIES.map((registry) => ({
      ...registry,
      paths: [
        ...registry.paths,
        ...mirrors.paths.map((path) => new RegExp(`^${path.replace(/[.+]/g, "\\$&")}[\\w.@+/-]+$`)),
      ],
    })),
  };
}
