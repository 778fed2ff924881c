import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * Where a command with network may connect: everywhere but this machine, link-local addresses (a cloud hands out
 * credentials there) and what is no single host. Private ranges stay open: that is where a company's registry stands.
 */
export function isReachable(address: string): boolean {
  const plain = withoutNat64(address);
  return !closed().check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

function closed(): BlockList {
  const list = new BlockList();
  list.addSubnet("0.0.0.0", 8, "ipv4");
  list.addSubnet("127.0.0.0", 8, "ipv4");
  list.addSubnet("169.254.0.0", 16, "ipv4");
  list.addSubnet("224.0.0.0", 3, "ipv4");
  list.addSubnet("::", 127, "ipv6");
  list.addSubnet("fe80::", 10, "ipv6");
  list.addSubnet("ff00::", 8, "ipv6");
  // Amazon's instance metadata and time servers over IPv6.
  list.addSubnet("fd00:ec2::", 32, "ipv6");
  for (const one of Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])) {
    list.addAddress(one.address, one.family === "IPv6" ? "ipv6" : "ipv4");
  }
  return list;
}

/** RFC 6052: 64:ff9b::/96 carries an IPv4 address in its last 32 bits. */
function withoutNat64(address: string): string {
  const [, high, low] = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
