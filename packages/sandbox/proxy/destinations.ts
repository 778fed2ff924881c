import type { HostPort, PrivateHost } from "../../config/hosts.ts";
import { addressKind } from "./addresses.ts";

/** Decides twice: about a name before it is resolved, and about each address to which it led. */
export type Policy = {
  /** A sentence that says why not; undefined: yes. */
  refuses(target: HostPort): string | undefined;
  refusesAddress(target: HostPort, address: string): string | undefined;
};

const WEB_PORTS = [80, 443];

/** The internet's web ports, and the listed hosts of the deployment's own network; never this machine or its cloud. */
export function destinations(privateHosts: readonly PrivateHost[] = []): Policy {
  const isListed = ({ host, port }: HostPort) =>
    privateHosts.some((listed) => listed.host === host && (listed.port ?? port) === port);
  const isPort = (target: HostPort) => WEB_PORTS.includes(target.port) || privateHosts.some(hasPort(target));
  return {
    refuses: (target) =>
      isPort(target)
        ? undefined
        : `${nameOf(target)} is closed: commands reach the ports ${WEB_PORTS.join(" and ")}, and what CODY_PRIVATE_HOSTS lists.`,
    refusesAddress(target, address) {
      const kind = addressKind(address);
      if (kind === "public" || (kind === "private" && isListed(target))) return undefined;
      return kind === "private"
        ? `${target.host} has a private address (${address}). An operator can open it: CODY_PRIVATE_HOSTS=${target.host}.`
        : `${target.host} is not reachable from commands: ${address} is no address of the internet.`;
    },
  };
}

const hasPort = (target: HostPort) => (listed: PrivateHost) =>
  listed.host === target.host && listed.port !== undefined && listed.port === target.port;

const nameOf = ({ host, port }: HostPort) => `${host.includes(":") ? `[${host}]` : host}:${port}`;
