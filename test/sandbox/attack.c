// What no shell can try: asks the kernel for each way out and prints "name: ok" or "name: E...".
// Arguments: the harness's pid, a path of its UNIX socket, its loopback TCP port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void report(const char *name, long result) {
  printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "ok");
  fflush(stdout);
}

static long unix_connect(const char *path, int abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + abstract, path, sizeof address.sun_path - 2);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  return connect(fd, (struct sockaddr *)&address, sizeof(sa_family_t) + abstract + strlen(path));
}

static long ip_connect(int type, const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  int fd = socket(AF_INET, type, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) return -1;
  return write(fd, "GET / HTTP/1.0\r\n\r\n", 18);
}

static long ip6_connect(const char *host, int port) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  inet_pton(AF_INET6, host, &address.sin6_addr);
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  return connect(fd, (struct sockaddr *)&address, sizeof address);
}

// Connected to each other, yet a message may name another receiver.
static long datagram_to(const char *path, int abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + abstract, path, sizeof address.sun_path - 2);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) return -1;
  return sendto(pair[0], "x", 1, 0, (struct sockaddr *)&address, sizeof(sa_family_t) + abstract + strlen(path));
}

int main(int count, char **words) {
  if (count < 4) return 2;
  pid_t harness = atoi(words[1]);
  int port = atoi(words[3]);
  char bytes[64];
  struct iovec here = {bytes, sizeof bytes}, there = {(void *)0x400000, sizeof bytes};

  report("ptrace", ptrace(PTRACE_SEIZE, harness, NULL, NULL));
  report("process_vm_readv", process_vm_readv(harness, &here, 1, &there, 1, 0));
  report("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, harness, 0), 1, 0));
  report("kill", kill(harness, 0));
  report("prlimit", prlimit(harness, RLIMIT_NOFILE, &(struct rlimit){1, 1}, NULL));
  report("setpriority", setpriority(PRIO_PROCESS, harness, 19));
  report("sched_setaffinity", sched_setaffinity(harness, sizeof(cpu_set_t), &(cpu_set_t){{1}}));
  report("unshare user", unshare(CLONE_NEWUSER));
  report("clone user", syscall(SYS_clone, CLONE_NEWUSER | 17, NULL, NULL, NULL, NULL));
  report("clone3", syscall(SYS_clone3, NULL, 0));
  report("setns", setns(open("/proc/1/ns/net", O_RDONLY), 0));
  report("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
  report("chroot", chroot("/tmp"));
  report("mknod", mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)));
  report("umount", umount2("/proc", MNT_DETACH));
  report("remount", mount("none", "/", NULL, MS_REMOUNT | MS_BIND, NULL));
  report("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
  report("mount_setattr", syscall(442, AT_FDCWD, "/", 0, bytes, 32));
  report("open_tree", syscall(428, AT_FDCWD, "/usr", 1));
  report("fsopen", syscall(430, "tmpfs", 0));
  report("move_mount", syscall(429, AT_FDCWD, "/usr", AT_FDCWD, "/tmp", 0));
  report("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, bytes, O_RDONLY));
  report("unshare mounts", unshare(CLONE_NEWNS));
  report("unshare network", unshare(CLONE_NEWNET));
  report("setns by a process", setns(syscall(SYS_pidfd_open, harness, 0), CLONE_NEWNET));
  report("setns of the first", setns(open("/proc/1/ns/mnt", O_RDONLY), CLONE_NEWNS));
  report("setgroups", syscall(SYS_setgroups, 1, &(gid_t){0}));
  report("setgid", setgid(0));
  report("sethostname", sethostname("evil", 4));
  report("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
  report("TIOCLINUX", ioctl(0, TIOCLINUX, "\3"));
  report("add_key", syscall(SYS_add_key, "user", "x", "x", 1, -3));
  report("init_module", syscall(SYS_init_module, bytes, 1, ""));
  report("core pattern", open("/proc/sys/kernel/core_pattern", O_WRONLY));
  report("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  report("bpf", syscall(SYS_bpf, 0, NULL, 0));
  report("io_uring", syscall(SYS_io_uring_setup, 1, bytes));
  report("userfaultfd", syscall(SYS_userfaultfd, 0));
  report("perf_event_open", syscall(SYS_perf_event_open, bytes, 0, -1, -1, 0));
  report("TIOCSTI", ioctl(0, TIOCSTI, "x"));
  report("setuid", setuid(0));
  report("raw socket", socket(AF_INET, SOCK_RAW, 1));
  report("packet socket", socket(AF_PACKET, SOCK_RAW, 0));
  report("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  report("alg", socket(38, SOCK_SEQPACKET, 0));
  report("unix path", unix_connect(words[2], 0));
  report("unix abstract", unix_connect(words[2], 1));
  report("unix datagram", datagram_to(words[2], 0));
  report("unix abstract datagram", datagram_to(words[2], 1));
  report("loopback tcp", ip_connect(SOCK_STREAM, "127.0.0.1", port));
  report("loopback by another address", ip_connect(SOCK_STREAM, "127.9.9.9", port));
  report("loopback by no address", ip_connect(SOCK_STREAM, "0.0.0.0", port));
  report("loopback over IPv6", ip6_connect("::1", port));
  report("loopback mapped into IPv6", ip6_connect("::ffff:127.0.0.1", port));
  report("loopback by no IPv6 address", ip6_connect("::", port));
  report("metadata mapped into IPv6", ip6_connect("::ffff:169.254.169.254", 80));
  report("metadata over IPv6", ip6_connect("fd00:ec2::254", 80));
  report("metadata", ip_connect(SOCK_STREAM, "169.254.169.254", 80));
  report("task metadata", ip_connect(SOCK_STREAM, "169.254.170.2", 80));
  report("outside udp", ip_connect(SOCK_DGRAM, "192.0.2.1", 53));
  return 0;
}
