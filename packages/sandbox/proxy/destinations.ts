import { addressKind } from "./addresses.ts";

/** `host` in the form of a URL: lower case, punycode, IPv6 without its brackets. */
export type Target = { host: string; port: number };

/** Decides twice: about a name before it is resolved, and about each address to which it led. */
export type Policy = {
  /** A sentence that says why not; undefined: yes. */
  refuses(target: Target): string | undefined;
  refusesAddress(target: Target, address: string): string | undefined;
};

const WEB_PORTS = [80, 443];

/** `host` or `host:port`, as the deployment writes them in CODY_PRIVATE_HOSTS. */
export type PrivateHost = { host: string; port?: number };

/** The internet's web ports, and the listed hosts of the deployment's own network; never this machine or its cloud. */
export function destinations(privateHosts: readonly PrivateHost[] = []): Policy {
  const isListed = ({ host, port }: Target) =>
    privateHosts.some((listed) => listed.host === host && (listed.port ?? port) === port);
  const isPort = (target: Target) => WEB_PORTS.includes(target.port) || privateHosts.some(hasPort(target));
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

const hasPort = (target: Target) => (listed: PrivateHost) =>
  listed.host === target.host && listed.port !== undefined && listed.port === target.port;

const nameOf = ({ host, port }: Target) => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** undefined: not `host:port` and nothing else, as a CONNECT must say it (RFC 9110, 9.3.6). */
export function parseAuthority(text: string): Target | undefined {
  const [, name, digits] = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? [];
  return name === undefined || digits === undefined ? undefined : targetOf(name, Number(digits));
}

/** `name` as in a URL. A number that stands for an IPv4 address (0x7f.1) becomes that address. */
export function targetOf(name: string, port: number): Target | undefined {
  const hostname = URL.parse(`http://${name}/`)?.hostname ?? "";
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return host !== "" && host.length <= 253 && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** "registry.example, 10.1.2.3:8081"; throws a sentence that names what cannot be read. */
export function parsePrivateHosts(text: string): PrivateHost[] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => {
      const bare = /^(?:\[[\da-f:.]+\]|[\w.-]+)$/i.test(entry) ? targetOf(entry, 443) : undefined;
      const full = parseAuthority(entry);
      if (bare) return { host: bare.host };
      if (full) return full;
      throw new Error(`${entry} is neither a host nor host:port.`);
    });
}
