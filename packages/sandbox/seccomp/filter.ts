import {
  ALLOW,
  ARCH,
  argument,
  ENOSYS,
  EPERM,
  IF_BITS,
  IF_EQUAL,
  type Instruction,
  KILL,
  LOAD,
  NUMBER,
  result,
  whenEqual,
} from "./instructions.ts";
import { type Sockets, socketRules } from "./sockets.ts";
import { type Architecture, AUDIT_ARCH, CLONE, CLONE3, DENIED, IOCTL } from "./syscalls.ts";

/** CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET and TIME. */
const NEW_NAMESPACES = 0x7e020080;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const X32_BIT = 0x40000000;

/**
 * A seccomp filter as the kernel takes it: an array of `struct sock_filter` (linux/filter.h), 8 bytes each. bubblewrap
 * reads it from a descriptor, so does our launcher for machines without user namespaces.
 */
function seccompFilter(arch: Architecture, sockets: Sockets): Uint8Array {
  const column = arch === "x64" ? 0 : 1;
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCH],
    [IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    result(KILL),
    [LOAD, 0, 0, NUMBER],
    ...(arch === "x64" ? ([[IF_BITS, 0, 1, X32_BIT], result(EPERM)] satisfies Instruction[]) : []),
    ...Object.values(DENIED).flatMap((numbers) => whenEqual(numbers[column], [result(EPERM)])),
    ...whenEqual(CLONE3, [result(ENOSYS)]),
    ...whenEqual(CLONE[arch], [
      [LOAD, 0, 0, argument(0)],
      [IF_BITS, 0, 1, NEW_NAMESPACES],
      result(EPERM),
      result(ALLOW),
    ]),
    ...whenEqual(IOCTL[arch], [
      [LOAD, 0, 0, argument(1)],
      ...whenEqual(TIOCSTI, [result(EPERM)]),
      ...whenEqual(TIOCLINUX, [result(EPERM)]),
      result(ALLOW),
    ]),
    ...socketRules(arch, sockets),
    result(ALLOW),
  ];
  const bytes = new DataView(new ArrayBuffer(program.length * 8));
  program.forEach(([code, ifTrue, ifFalse, k], i) => {
    bytes.setUint16(i * 8, code, true);
    bytes.setUint8(i * 8 + 2, ifTrue);
    bytes.setUint8(i * 8 + 3, ifFalse);
    bytes.setUint32(i * 8 + 4, k, true);
  });
  return new Uint8Array(bytes.buffer);
}

/** undefined: an architecture for which we have no filter, so no sandbox either. */
export const filterForThisMachine = (sockets: Sockets, arch: string = process.arch) =>
  arch === "x64" || arch === "arm64" ? seccompFilter(arch, sockets) : undefined;
