import type { ProbeOptions } from "../../packages/sandbox/probe.ts";
import { destinations } from "../../packages/sandbox/proxy/destinations.ts";
import type { SandboxMode } from "../../packages/sandbox/sandbox.ts";

export const MODES = ["bubblewrap", "namespaces", "own-uid", "unsafe"] as const satisfies SandboxMode[];

export type ModeToTry = {
  mode: (typeof MODES)[number];
  /** Where trees stand: a folder that the users of commands can reach, unlike the stack's own. */
  work: string;
  /** The compiled launcher/enclose.c, for own-uid. */
  launcher?: string;
  /** Of this machine's mirrors: the proxy may connect to them, though they are no addresses of the internet. */
  mirrors: readonly string[];
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
        mirrors.includes(address) ? undefined : policy.refusesAddress(target, address),
    },
  };
}
