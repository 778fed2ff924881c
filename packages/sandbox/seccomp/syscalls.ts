/** Numbers of system calls: linux/audit.h, asm/unistd_64.h (x86-64), asm-generic/unistd.h (arm64). */
export type Architecture = "x64" | "arm64";

export const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Ways to other processes, the kernel's keyrings, new namespaces, mounts, and kernel interfaces no build needs. */
export const DENIED: Record<string, [x64: number, arm64: number]> = {
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
export const CLONE = { x64: 56, arm64: 220 };
export const CLONE3 = 435;
export const IOCTL = { x64: 16, arm64: 29 };
export const SOCKET = { x64: 41, arm64: 198 };
export const SOCKETPAIR = { x64: 53, arm64: 199 };
export const BIND = { x64: 49, arm64: 200 };
export const LISTEN = { x64: 50, arm64: 201 };
export const CONNECT = { x64: 42, arm64: 203 };
export const SENDTO = { x64: 44, arm64: 206 };
export const SENDMSG = { x64: 46, arm64: 211 };
export const SENDMMSG = { x64: 307, arm64: 269 };
export const SETSOCKOPT = { x64: 54, arm64: 208 };
