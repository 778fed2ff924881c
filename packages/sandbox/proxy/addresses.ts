import { BlockList, isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * Where an address leads. "public": any host of the internet. "private": a company's own network, open only for hosts
 * that the deployment lists. "closed": this machine, link-local addresses and the services of a cloud (they hand out
 * credentials), and everything that is no single host; closed to every command.
 */
export type AddressKind = "public" | "private" | "closed";

/** IANA's special-purpose registries for IPv4 and IPv6; what is not named there is public. */
const PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
const CLOSED = [
  ...["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"],
  ...["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"],
  // 2001::/23 holds Teredo, which carries an IPv4 address as 2002::/16 does.
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
  // Services of Amazon, Google, Alibaba and Azure for their own machines, outside the link-local range.
  ...["fd00:ec2::/32", "fd20:ce::/32", "100.100.100.200/32", "168.63.129.16/32"],
];
/** The only part of IPv6 in which hosts of the internet have addresses. */
const GLOBAL_UNICAST = ["2000::/3"];

/** `own`: the addresses of this machine. */
export function addressKind(address: string, own: readonly string[] = addressesOfThisMachine()): AddressKind {
  const plain = withoutNat64(address.toLowerCase());
  const family = isIPv4(plain) ? "ipv4" : isIPv6(plain) && !plain.includes("%") ? "ipv6" : undefined;
  if (!family || own.includes(plain) || closed.check(plain, family)) return "closed";
  if (privately.check(plain, family)) return "private";
  return family === "ipv4" || globalUnicast.check(plain, family) ? "public" : "closed";
}

const addressesOfThisMachine = () =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", bits] = subnet.split("/");
    list.addSubnet(network, Number(bits), isIPv6(network) ? "ipv6" : "ipv4");
  }
  return list;
}
const [closed, privately, globalUnicast] = [blockList(CLOSED), blockList(PRIVATE), blockList(GLOBAL_UNICAST)];

/** RFC 6052: 64:ff9b::/96 is how a network without IPv4 (with DNS64) names every IPv4 host; the last 32 bits decide. */
function withoutNat64(address: string): string {
  const [, high, low] = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
