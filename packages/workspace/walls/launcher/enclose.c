// Starts a command as a user of its own, without privileges and without sockets, where no user namespace is to be had
// (Fargate). Must be started by root. The seccomp filter comes on descriptor 3 (see ../filter.ts).
//
//   enclose UID GID DATA FSIZE NPROC NOFILE CPU COMMAND [ARGUMENT...] 3<filter
//
// It stays as the command's parent, root and out of its reach, and collects its orphans (a container's first process
// may not). When the command ends, or on SIGTERM, or when the harness dies, every process of UID is ended before it
// returns. So there can be one command of a UID at a time.
//
// Exit codes 125 and 126 mean that the walls could not be built, with one line "enclose: ..." on stderr.
// Build: cc -O2 -static -o enclose enclose.c
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_INSTRUCTIONS 4096
#define FILTER_FD 3

static void fail(const char *what) {
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

// kill(-1) reaches every process of this user; one that was being forked is met in the next pass. As subreaper we
// inherit every orphan, so no child left means no descendant left.
static int end_all(uid_t uid, gid_t gid) {
  for (int pass = 0; pass < 1000; pass++) {
    pid_t killer = fork();
    if (killer == 0) {
      become(uid, gid);
      kill(-1, SIGKILL);
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

static void load_filter(void) {
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
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) fail("seccomp");
}

static void close_rest(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3U, ~0U, 0) == 0) return;
#endif
  for (int fd = 3; fd < 65536; fd++) close(fd);
}

static volatile sig_atomic_t asked_to_end = 0;
static void on_end(int signal) {
  (void)signal;
  asked_to_end = 1;
}

static void child(uid_t uid, gid_t gid, char **words) {
  setsid();
  umask(022);
  // Out of memory, the kernel takes the command before the harness.
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    if (write(score, "1000", 4) < 0) { /* only a preference */ }
    close(score);
  }
  limit(RLIMIT_CORE, 0);
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
  load_filter();
  close_rest();
  execvp(words[8], words + 8);
  fprintf(stderr, "enclose: %s: %s\n", words[8], strerror(errno));
  exit(126);
}

int main(int count, char **words) {
  if (count < 9) {
    fprintf(stderr, "usage: enclose UID GID DATA FSIZE NPROC NOFILE CPU COMMAND [ARGUMENT...] 3<filter\n");
    return 125;
  }
  uid_t uid = (uid_t)number(words[1]);
  gid_t gid = (gid_t)number(words[2]);
  pid_t harness = getppid();
  struct sigaction action = {.sa_handler = on_end};
  sigaction(SIGTERM, &action, NULL);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) fail("subreaper");
  if (prctl(PR_SET_PDEATHSIG, SIGTERM)) fail("pdeathsig");
  if (getppid() != harness) return 125;
  pid_t command = fork();
  if (command < 0) fail("fork");
  if (command == 0) {
    signal(SIGTERM, SIG_DFL);
    child(uid, gid, words);
  }
  close(FILTER_FD);
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  int status = 0, ended = 0;
  while (!ended && !asked_to_end) {
    int one;
    pid_t gone = waitpid(-1, &one, 0);
    if (gone == command) status = one, ended = 1;
    if (gone < 0 && errno == ECHILD) break;
  }
  if (end_all(uid, gid)) return 125;
  if (!ended) return 128 + SIGKILL;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
