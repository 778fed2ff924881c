/** What a filter is made of: linux/bpf_common.h, linux/seccomp.h. */
export const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
export const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
export const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
export const IF_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
export const ALLOW = 0x7fff0000;
export const KILL = 0x80000000;
export const ASK = 0x7fc00000; // SECCOMP_RET_USER_NOTIF
const errno = (code: number) => 0x00050000 | code;
export const EPERM = errno(1);
/** glibc and musl then fall back to clone, whose flags a filter can read. */
export const ENOSYS = errno(38);
export const EPROTONOSUPPORT = errno(93);
export const EAFNOSUPPORT = errno(97);

/** Offsets in struct seccomp_data (little endian). */
export const NUMBER = 0;
export const ARCH = 4;
export const argument = (n: number) => 16 + 8 * n;

export type Instruction = [code: number, ifTrue: number, ifFalse: number, k: number];
export const result = (k: number): Instruction => [RETURN, 0, 0, k];
/** Runs `then` (which must return) when the loaded word equals k. */
export const whenEqual = (k: number, then: Instruction[]): Instruction[] => [[IF_EQUAL, 0, then.length, k], ...then];
