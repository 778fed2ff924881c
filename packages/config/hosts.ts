/** `host` in the form of a URL: lower case, punycode, IPv6 without its brackets. */
export type HostPort = { host: string; port: number };

/** A host of the deployment's own network, on one port or on any. */
export type PrivateHost = { host: string; port?: number };

/** undefined: not `host:port` and nothing else, as a CONNECT must say it (RFC 9110, 9.3.6). */
export function parseAuthority(text: string): HostPort | undefined {
  const [, name, digits] = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? [];
  return name === undefined || digits === undefined ? undefined : hostPortOf(name, Number(digits));
}

/** `name` as in a URL. A number that stands for an IPv4 address (0x7f.1) becomes that address. */
export function hostPortOf(name: string, port: number): HostPort | undefined {
  const hostname = URL.parse(`http://${name}/`)?.hostname ?? "";
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return host !== "" && host.length <= 253 && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** "registry.example, 10.1.2.3:8081". @throws Error that says which entry cannot be read, by its place. */
export const parsePrivateHosts = (text: string): PrivateHost[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry, index) => {
      const bare = /^(?:\[[\da-f:.]+\]|[\w.-]+)$/i.test(entry) ? hostPortOf(entry, 443) : undefined;
      const full = parseAuthority(entry);
      if (bare) return { host: bare.host };
      if (full) return full;
      throw new Error(`must list hosts, each as host or host:port; entry ${index + 1} is neither`);
    });
