/**
 * A seccomp filter as the kernel takes it: an array of `struct sock_filter` (linux/filter.h), 8 bytes each. bubblewrap
 * reads it from a descriptor, so does our launcher for machines without user namespaces. Numbers: linux/audit.h,
 * asm/unistd_64.h (x86-64), asm-generic/unistd.h (arm64).
 */
type Architecture = "x64" | "arm64";

const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Ways to other processes, the kernel's keyrings, new namespaces, mounts, and kernel interfaces no build needs. */
const DENIED: Record<string, [x64: number, arm64: number]> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  acct: [163, 89],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  syslog: [103, 116],
};
const CLONE = { x64: 56, arm64: 220 };
const CLONE3 = 435;
const IOCTL = { x64: 16, arm64: 29 };
const SOCKET = { x64: 41, arm64: 198 };

const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
/** Never AF_VSOCK (it leaves the network namespace), AF_ALG, AF_PACKET and the rest. */
const FAMILIES = [AF.unix, AF.inet, AF.inet6, AF.netlink];

/** CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET and TIME. */
const NEW_NAMESPACES = 0x7e020080;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const X32_BIT = 0x40000000;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const IF_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (code: number) => 0x00050000 | code;
const EPERM = errno(1);
/** glibc and musl then fall back to clone, whose flags a filter can read. */
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

/** Offsets in struct seccomp_data (little endian). */
const NUMBER = 0;
const ARCH = 4;
const argument = (n: number) => 16 + 8 * n;

type Instruction = [code: number, ifTrue: number, ifFalse: number, k: number];
const result = (k: number): Instruction => [RETURN, 0, 0, k];
/** Runs `then` (which must return) when the loaded word equals k. */
const when = (k: number, then: Instruction[]): Instruction[] => [[IF_EQUAL, 0, then.length, k], ...then];

export function seccompFilter(arch: Architecture, sockets: boolean): Uint8Array {
  const column = arch === "x64" ? 0 : 1;
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCH],
    [IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    result(KILL),
    [LOAD, 0, 0, NUMBER],
    ...(arch === "x64" ? ([[IF_BITS, 0, 1, X32_BIT], result(EPERM)] satisfies Instruction[]) : []),
    ...Object.values(DENIED).flatMap((numbers) => when(numbers[column], [result(EPERM)])),
    ...when(CLONE3, [result(ENOSYS)]),
    ...when(CLONE[arch], [[LOAD, 0, 0, argument(0)], [IF_BITS, 0, 1, NEW_NAMESPACES], result(EPERM), result(ALLOW)]),
    ...when(IOCTL[arch], [
      [LOAD, 0, 0, argument(1)],
      ...when(TIOCSTI, [result(EPERM)]),
      ...when(TIOCLINUX, [result(EPERM)]),
      result(ALLOW),
    ]),
    ...when(SOCKET[arch], [
      [LOAD, 0, 0, argument(0)],
      ...(sockets ? FAMILIES : []).flatMap((family) => when(family, [result(ALLOW)])),
      result(sockets ? EAFNOSUPPORT : EPERM),
    ]),
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

/** undefined: an architecture for which we have no filter, so no walls either. */
export const filterForThisMachine = (sockets: boolean, arch: string = process.arch) =>
  arch === "x64" || arch === "arm64" ? seccompFilter(arch, sockets) : undefined;
