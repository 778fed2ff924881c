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
const SOCKETPAIR = { x64: 53, arm64: 199 };
const BIND = { x64: 49, arm64: 200 };
const LISTEN = { x64: 50, arm64: 201 };
const CONNECT = { x64: 42, arm64: 203 };
const SENDTO = { x64: 44, arm64: 206 };
const SENDMSG = { x64: 46, arm64: 211 };
const SENDMMSG = { x64: 307, arm64: 269 };
const SETSOCKOPT = { x64: 54, arm64: 208 };

const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
/** Never AF_VSOCK (it leaves the network namespace), AF_ALG, AF_PACKET and the rest. */
const FAMILIES = [AF.unix, AF.inet, AF.inet6, AF.netlink];
const SOCK = { stream: 1, datagram: 2, seqpacket: 5 };
const SOCK_TYPE_BITS = 0xf;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

/** connect(2) in the clothes of a send. */
const MSG_FASTOPEN = 0x20000000;
const IPPROTO_IPV6 = 41;
/**
 * Level and option: a connect that happens later, another protocol on top, a route of one's own, another device, and
 * joining a group of receivers, which makes the kernel itself send packets that name it.
 */
const SOCKET_OPTIONS = [
  [IPPROTO_TCP, 30], // TCP_FASTOPEN_CONNECT
  [IPPROTO_TCP, 31], // TCP_ULP
  [0, 4], // IP_OPTIONS
  [1, 25], // SO_BINDTODEVICE
  [1, 62], // SO_BINDTOIFINDEX
  [0, 35], // IP_ADD_MEMBERSHIP
  [0, 39], // IP_ADD_SOURCE_MEMBERSHIP
  [IPPROTO_IPV6, 20], // IPV6_JOIN_GROUP
  [IPPROTO_IPV6, 27], // IPV6_JOIN_ANYCAST
  ...[0, IPPROTO_IPV6].flatMap((level) => [
    [level, 42], // MCAST_JOIN_GROUP
    [level, 46], // MCAST_JOIN_SOURCE_GROUP
  ]),
] as [number, number][];

/** CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET and TIME. */
const NEW_NAMESPACES = 0x7e020080;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const X32_BIT = 0x40000000;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const IF_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const ASK = 0x7fc00000; // SECCOMP_RET_USER_NOTIF
const errno = (code: number) => 0x00050000 | code;
const EPERM = errno(1);
/** glibc and musl then fall back to clone, whose flags a filter can read. */
const ENOSYS = errno(38);
const EPROTONOSUPPORT = errno(93);
const EAFNOSUPPORT = errno(97);

/** Offsets in struct seccomp_data (little endian). */
const NUMBER = 0;
const ARCH = 4;
const argument = (n: number) => 16 + 8 * n;

type Instruction = [code: number, ifTrue: number, ifFalse: number, k: number];
const result = (k: number): Instruction => [RETURN, 0, 0, k];
/** Runs `then` (which must return) when the loaded word equals k. */
const when = (k: number, then: Instruction[]): Instruction[] => [[IF_EQUAL, 0, then.length, k], ...then];

/**
 * Which sockets a process may have: every common one, in a network namespace of its own; none; or those about which a
 * supervisor is asked (launcher/supervise.c), call by call.
 */
export type Sockets = "own-network" | "none" | "supervised";

function socketRules(arch: Architecture, sockets: Sockets): Instruction[] {
  if (sockets === "own-network") {
    return when(SOCKET[arch], [
      [LOAD, 0, 0, argument(0)],
      ...FAMILIES.flatMap((family) => when(family, [result(ALLOW)])),
      result(EAFNOSUPPORT),
    ]);
  }
  const asked = [CONNECT[arch], BIND[arch], LISTEN[arch]];
  const flags: [number, number][] = [
    [SENDMSG[arch], 2],
    [SENDMMSG[arch], 3],
    [SENDTO[arch], 3],
  ];
  return [
    ...when(SOCKET[arch], sockets === "none" ? [result(EPERM)] : [...datagrams, ...streams]),
    // Local datagrams name their receiver in memory, where a filter cannot read.
    ...when(SOCKETPAIR[arch], [
      ...loadType,
      ...when(SOCK.stream, [result(ALLOW)]),
      ...when(SOCK.seqpacket, [result(ALLOW)]),
      result(EPERM),
    ]),
    ...asked.flatMap((number) => when(number, [result(sockets === "none" ? EPERM : ASK)])),
    ...flags.flatMap(([number, flag]) =>
      when(number, [
        [LOAD, 0, 0, argument(flag)],
        [IF_BITS, 0, 1, MSG_FASTOPEN],
        result(EPERM),
        ...(number === SENDTO[arch] ? unlessNull(argument(4)) : []),
        result(ALLOW),
      ]),
    ),
    ...when(SETSOCKOPT[arch], [
      ...SOCKET_OPTIONS.flatMap(([level, option]): Instruction[] => [
        [LOAD, 0, 0, argument(1)],
        [IF_EQUAL, 0, 3, level],
        [LOAD, 0, 0, argument(2)],
        ...when(option, [result(EPERM)]),
      ]),
      result(ALLOW),
    ]),
  ];
}

const loadType: Instruction[] = [
  [LOAD, 0, 0, argument(1)],
  [AND, 0, 0, SOCK_TYPE_BITS],
];

/** UDP: the supervisor makes the socket, one that cannot send. */
const datagrams: Instruction[] = [
  ...loadType,
  ...when(SOCK.datagram, [
    [LOAD, 0, 0, argument(0)],
    [IF_EQUAL, 2, 0, AF.inet],
    [IF_EQUAL, 1, 0, AF.inet6],
    result(EPERM),
    [LOAD, 0, 0, argument(2)],
    ...when(0, [result(ASK)]),
    ...when(IPPROTO_UDP, [result(ASK)]),
    result(EPERM),
  ]),
];

/** TCP and UNIX streams. */
const streams: Instruction[] = [
  ...loadType,
  [IF_EQUAL, 1, 0, SOCK.stream],
  result(EPERM),
  [LOAD, 0, 0, argument(0)],
  ...when(AF.unix, [result(ALLOW)]),
  [IF_EQUAL, 2, 0, AF.inet],
  [IF_EQUAL, 1, 0, AF.inet6],
  result(EAFNOSUPPORT),
  [LOAD, 0, 0, argument(2)],
  ...when(0, [result(ALLOW)]),
  ...when(IPPROTO_TCP, [result(ALLOW)]),
  result(EPROTONOSUPPORT),
];

/** A pointer has two words. */
const unlessNull = (offset: number): Instruction[] =>
  [offset, offset + 4].flatMap((word): Instruction[] => [[LOAD, 0, 0, word], [IF_EQUAL, 1, 0, 0], result(EPERM)]);

function seccompFilter(arch: Architecture, sockets: Sockets): Uint8Array {
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
