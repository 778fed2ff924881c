// Starts a command as a user of its own, without privileges, where no user namespace is to be had (Fargate). Must be
// started by root. The seccomp filter comes on descriptor 3 (see ../seccomp/filter.ts).
//
//   enclose UID GID DATA FSIZE NPROC NOFILE CPU SOCKETS COMMAND [ARGUMENT...] 3<filter
//
// SOCKETS: "none"; "loopback" for servers of its own there, answered for by a supervisor (supervise.c, which needs
// CAP_SYS_PTRACE and Linux 5.7); or the port of a proxy on 127.0.0.1 that it may reach besides.
//
// It stays as the command's parent, root and out of its reach, and collects its orphans (a container's first process
// may not). When the command ends, or on SIGTERM, or when the harness or the supervisor dies, every process of UID is
// ended before it returns. So there can be one command of a UID at a time.
//
// Exit codes 125 and 126 mean that the sandbox could not be built, or broke, with one line "enclose: ..." on stderr.
// Build: cc -O2 -static -o enclose *.c
#define _GNU_SOURCE
#include "enclose.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_INSTRUCTIONS 4096
#define FILTER_FD 3

void fail(const char *what) {
  fprintf(stderr, "enclose: %s: %s\n", what, strerror(errno));
  exit(125);
}

static unsigned long number(const char *text) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || *text == '\0' || *end != '\0') {
    fprintf(stderr, "enclose: not a number: %s\n", text);
    exit(125);
  }
  return value;
}

static void limit(int resource, unsigned long value) {
  struct rlimit both = {value, value};
  if (setrlimit(resource, &both)) fail("setrlimit");
}

static void become(uid_t uid, gid_t gid) {
  if (uid == 0 || gid == 0) {
    fprintf(stderr, "enclose: refuses to run a command as root\n");
    exit(125);
  }
  for (int cap = 0; cap < 64; cap++) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (setgroups(0, NULL)) fail("setgroups");
  if (setresgid(gid, gid, gid)) fail("setresgid");
  if (setresuid(uid, uid, uid)) fail("setresuid");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs");
}

// System V memory, semaphores and queues outlive their processes (sysvipc(7)); the list of each kind begins with a line
// of names. Runs as the user itself, who may remove only its own.
static void remove_system_v(const char *kind, int (*control)(int id, int command)) {
  char path[32], line[512];
  snprintf(path, sizeof path, "/proc/sysvipc/%s", kind);
  FILE *list = fopen(path, "re");
  int id;
  while (list && fgets(line, sizeof line, list))
    if (sscanf(line, "%*d %d", &id) == 1) control(id, IPC_RMID);
  if (list) fclose(list);
}
static int memory(int id, int command) { return shmctl(id, command, NULL); }
static int semaphores(int id, int command) { return semctl(id, 0, command); }
static int queue(int id, int command) { return msgctl(id, command, NULL); }

// kill(-1) reaches every process of this user; one that was being forked is met in the next pass. As subreaper we
// inherit every orphan, so no child left means no descendant left.
static int end_all(uid_t uid, gid_t gid) {
  for (int pass = 0; pass < 1000; pass++) {
    pid_t killer = fork();
    if (killer == 0) {
      become(uid, gid);
      kill(-1, SIGKILL);
      remove_system_v("shm", memory);
      remove_system_v("sem", semaphores);
      remove_system_v("msg", queue);
      _exit(0);
    }
    if (killer > 0) waitpid(killer, NULL, 0);
    for (;;) {
      pid_t gone = waitpid(-1, NULL, WNOHANG);
      if (gone < 0 && errno == ECHILD) return 0;
      if (gone <= 0) break;
    }
    nanosleep(&(struct timespec){0, 2 * 1000 * 1000}, NULL);
  }
  fprintf(stderr, "enclose: processes survived\n");
  return 1;
}

static void load_filter(int channel) {
  static struct sock_filter program[MAX_INSTRUCTIONS];
  size_t bytes = 0;
  for (;;) {
    ssize_t got = read(FILTER_FD, (char *)program + bytes, sizeof program - bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("reading the filter");
    if (got == 0) break;
    bytes += (size_t)got;
  }
  if (bytes == 0 || bytes % sizeof program[0] || bytes == sizeof program) {
    fprintf(stderr, "enclose: the filter is empty, cut or too long\n");
    exit(125);
  }
  struct sock_fprog filter = {(unsigned short)(bytes / sizeof program[0]), program};
  if (channel >= 0) hand_over_sockets(channel, &filter);
  else if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) fail("seccomp");
}

static void close_rest(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3U, ~0U, 0) == 0) return;
#endif
  for (int fd = 3; fd < 65536; fd++) close(fd);
}

_Noreturn static void child(uid_t uid, gid_t gid, int channel, char **words) {
  setsid();
  umask(022);
  // Out of memory, the kernel takes the command before the harness.
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    if (write(score, "1000", 4) < 0) { /* only a preference */ }
    close(score);
  }
  limit(RLIMIT_CORE, 0);
  // Queues of POSIX outlive their processes too, and have no list.
  limit(RLIMIT_MSGQUEUE, 0);
  limit(RLIMIT_DATA, number(words[3]));
  limit(RLIMIT_FSIZE, number(words[4]));
  limit(RLIMIT_NPROC, number(words[5]));
  limit(RLIMIT_NOFILE, number(words[6]));
  limit(RLIMIT_CPU, number(words[7]));
  pid_t parent = getppid();
  become(uid, gid);
  // After the change of user, which clears it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail("pdeathsig");
  if (getppid() != parent) exit(125);
  load_filter(channel);
  close_rest();
  execvp(words[9], words + 9);
  fprintf(stderr, "enclose: %s: %s\n", words[9], strerror(errno));
  exit(126);
}

// Descriptors for the command's process and its supervisor, or none.
static void open_channel(const char *sockets, int ends[2], struct rules *rules) {
  ends[0] = ends[1] = -1;
  if (strcmp(sockets, "none") == 0) return;
  if (strcmp(sockets, "loopback") != 0) {
    unsigned long port = number(sockets);
    if (port == 0 || port > 65535) errno = ERANGE, fail(sockets);
    rules->proxy_port = (uint16_t)port;
  }
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) fail("socketpair");
}

static pid_t start_supervisor(int channel, pid_t command, const struct rules *rules) {
  pid_t launcher = getpid(), supervisor = fork();
  if (supervisor < 0) fail("fork");
  if (supervisor > 0) return supervisor;
  supervise(channel, launcher, command, rules);
}

int main(int count, char **words) {
  if (count < 10) {
    fprintf(stderr, "usage: enclose UID GID DATA FSIZE NPROC NOFILE CPU SOCKETS COMMAND [ARGUMENT...] 3<filter\n");
    return 125;
  }
  struct rules rules = {(uid_t)number(words[1]), (gid_t)number(words[2]), 0};
  int channel[2];
  open_channel(words[8], channel, &rules);
  pid_t harness = getppid();
  // Blocked, and taken one by one: one that came between two looks would be lost.
  sigset_t news, before;
  sigemptyset(&news);
  sigaddset(&news, SIGCHLD);
  sigaddset(&news, SIGTERM);
  sigprocmask(SIG_BLOCK, &news, &before);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) fail("subreaper");
  if (prctl(PR_SET_PDEATHSIG, SIGTERM)) fail("pdeathsig");
  if (getppid() != harness) return 125;
  pid_t command = fork();
  if (command < 0) fail("fork");
  if (command == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (channel[1] >= 0) close(channel[1]);
    child(rules.uid, rules.gid, channel[0], words);
  }
  close(FILTER_FD);
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  pid_t supervisor = 0;
  if (channel[1] >= 0) {
    close(channel[0]);
    supervisor = start_supervisor(channel[1], command, &rules);
    close(channel[1]);
  }
  int status = 0, ended = 0, unsupervised = 0, asked = 0;
  while (!ended && !unsupervised && !asked) {
    asked = sigwaitinfo(&news, NULL) == SIGTERM;
    int one;
    for (pid_t gone; (gone = waitpid(-1, &one, WNOHANG)) > 0;) {
      if (gone == command) status = one, ended = 1;
      if (gone == supervisor) unsupervised = 1;
    }
  }
  if (supervisor > 0) kill(supervisor, SIGKILL);
  if (end_all(rules.uid, rules.gid)) return 125;
  if (unsupervised) {
    fprintf(stderr, "enclose: the supervisor of the sockets ended\n");
    return 125;
  }
  if (!ended) return 128 + SIGKILL;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
