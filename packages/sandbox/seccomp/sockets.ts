import {
  ALLOW,
  AND,
  ASK,
  argument,
  EAFNOSUPPORT,
  EPERM,
  EPROTONOSUPPORT,
  IF_BITS,
  IF_EQUAL,
  type Instruction,
  LOAD,
  result,
  whenEqual,
} from "./instructions.ts";
import {
  type Architecture,
  BIND,
  CONNECT,
  LISTEN,
  SENDMMSG,
  SENDMSG,
  SENDTO,
  SETSOCKOPT,
  SOCKET,
  SOCKETPAIR,
} from "./syscalls.ts";

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

/**
 * Which sockets a process may have: every common one, in a network namespace of its own; none; or those about which a
 * supervisor is asked (launcher/supervise.c), call by call.
 */
export type Sockets = "own-network" | "none" | "supervised";

export function socketRules(arch: Architecture, sockets: Sockets): Instruction[] {
  if (sockets === "own-network") {
    return whenEqual(SOCKET[arch], [
      [LOAD, 0, 0, argument(0)],
      ...FAMILIES.flatMap((family) => whenEqual(family, [result(ALLOW)])),
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
    ...whenEqual(SOCKET[arch], sockets === "none" ? [result(EPERM)] : [...datagrams, ...streams]),
    // Local datagrams name their receiver in memory, where a filter cannot read.
    ...whenEqual(SOCKETPAIR[arch], [
      ...loadType,
      ...whenEqual(SOCK.stream, [result(ALLOW)]),
      ...whenEqual(SOCK.seqpacket, [result(ALLOW)]),
      result(EPERM),
    ]),
    ...asked.flatMap((number) => whenEqual(number, [result(sockets === "none" ? EPERM : ASK)])),
    ...flags.flatMap(([number, flag]) =>
      whenEqual(number, [
        [LOAD, 0, 0, argument(flag)],
        [IF_BITS, 0, 1, MSG_FASTOPEN],
        result(EPERM),
        ...(number === SENDTO[arch] ? unlessNull(argument(4)) : []),
        result(ALLOW),
      ]),
    ),
    ...whenEqual(SETSOCKOPT[arch], [
      ...SOCKET_OPTIONS.flatMap(([level, option]): Instruction[] => [
        [LOAD, 0, 0, argument(1)],
        [IF_EQUAL, 0, 3, level],
        [LOAD, 0, 0, argument(2)],
        ...whenEqual(option, [result(EPERM)]),
      ]),
      result(ALLOW),
    ]),
  ];
}

const loadType: Instruction[] = [
  [LOAD, 0, 0, argument(1)],
  [AND, 0, 0, SOCK_TYPE_BITS],
];

/** The family is loaded. `allowed`: IPv4 or IPv6 with this protocol, or with 0, the default one of the socket's type. */
function overInternet(
  protocol: number,
  { allowed, otherFamily, otherProtocol }: { allowed: number; otherFamily: number; otherProtocol: number },
): Instruction[] {
  return [
    [IF_EQUAL, 2, 0, AF.inet],
    [IF_EQUAL, 1, 0, AF.inet6],
    result(otherFamily),
    [LOAD, 0, 0, argument(2)],
    ...whenEqual(0, [result(allowed)]),
    ...whenEqual(protocol, [result(allowed)]),
    result(otherProtocol),
  ];
}

/** UDP: the supervisor makes the socket, one that cannot send. */
const datagrams: Instruction[] = [
  ...loadType,
  ...whenEqual(SOCK.datagram, [
    [LOAD, 0, 0, argument(0)],
    ...overInternet(IPPROTO_UDP, { allowed: ASK, otherFamily: EPERM, otherProtocol: EPERM }),
  ]),
];

/** TCP and UNIX streams. */
const streams: Instruction[] = [
  ...loadType,
  [IF_EQUAL, 1, 0, SOCK.stream],
  result(EPERM),
  [LOAD, 0, 0, argument(0)],
  ...whenEqual(AF.unix, [result(ALLOW)]),
  ...overInternet(IPPROTO_TCP, { allowed: ALLOW, otherFamily: EAFNOSUPPORT, otherProtocol: EPROTONOSUPPORT }),
];

/** A pointer has two words. */
const unlessNull = (offset: number): Instruction[] =>
  [offset, offset + 4].flatMap((word): Instruction[] => [[LOAD, 0, 0, word], [IF_EQUAL, 1, 0, 0], result(EPERM)]);
