// Answers for the socket calls of a command (seccomp_unotify(2)): connect, bind and listen stop in the kernel, and a
// process of ours that no command can reach performs them on the command's socket (pidfd_getfd(2)), or refuses. It
// also makes the command's UDP sockets.
//
// Never SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel would read the address again, and another thread may have changed
// it.
#define _GNU_SOURCE
#include "enclose.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Since Linux 5.19: a call that we work on is no longer cut short by a signal.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
// Since Linux 6.9: a thread by its own number.
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define MAX_WAITING 1024
#define ONCE_MORE_MS 10

void hand_over_sockets(int channel, const void *filter) {
  unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  int listener =
      (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, filter);
  if (listener < 0 && errno == EINVAL) listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter);
  if (listener < 0) fail("seccomp with a supervisor");
  char on_duty;
  if (write(channel, &listener, sizeof listener) != sizeof listener) fail("handing over the sockets");
  if (read(channel, &on_duty, 1) != 1) _exit(125); // The supervisor has said why.
}

// Before Linux 6.9 only a process can be opened, and its threads share its descriptors unless one went out of its way.
static int process_of(pid_t thread) {
  int opened = (int)syscall(SYS_pidfd_open, thread, PIDFD_THREAD);
  if (opened >= 0 || errno != EINVAL) return opened;
  char path[32], line[64];
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  FILE *status = fopen(path, "re");
  int leader = 0;
  while (status && !leader && fgets(line, sizeof line, status)) sscanf(line, "Tgid: %d", &leader);
  if (status) fclose(status);
  return leader ? (int)syscall(SYS_pidfd_open, leader, 0) : (errno = ESRCH, -1);
}

static int descriptor_of(pid_t thread, int fd) {
  int process = process_of(thread);
  if (process < 0) return -1;
  int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
  int error = errno;
  close(process);
  errno = error;
  return copy;
}

void use_powers(int on) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  uint32_t look = 1U << CAP_SYS_PTRACE;
  struct __user_cap_data_struct only[2] = {{on ? look : 0, look, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, only)) fail("SYS_PTRACE");
}

// Root, so that no command can signal, trace or write it, yet with no other power than to look into the command; file
// rights are the command's own.
static void give_up_powers(const struct rules *rules) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (setgroups(0, NULL)) fail("setgroups");
  setfsgid(rules->gid);
  setfsuid(rules->uid);
  if ((uid_t)setfsuid((uid_t)-1) != rules->uid) fail("setfsuid");
  use_powers(1);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs");
}

static int still_waits(int listener, uint64_t id) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

// 0 or an errno. What the command's memory says is read here, once.
static int take(struct call *call, int listener, const struct seccomp_notif *asked) {
  *call = (struct call){.number = asked->data.nr, .socket = -1, .thread = (pid_t)asked->pid};
  const uint64_t *arguments = (const uint64_t *)asked->data.args;
  if (call->number == SYS_listen) {
    call->backlog = (int)arguments[1];
  } else {
    int length = (int)arguments[2];
    if (length < 0 || (size_t)length > sizeof call->address) return EINVAL;
    call->length = (socklen_t)length;
    struct iovec here = {&call->address, call->length}, there = {(void *)(uintptr_t)arguments[1], call->length};
    if (length && process_vm_readv(call->thread, &here, 1, &there, 1, 0) != length) return EFAULT;
  }
  call->socket = descriptor_of(call->thread, (int)arguments[0]);
  if (call->socket < 0) return errno;
  // The thread may have ended, and its number may be another's now.
  return still_waits(listener, asked->id) ? 0 : ESRCH;
}

// The number that the socket has in the command, or an errno below zero.
static int give_datagrams(int listener, const struct seccomp_notif *asked) {
  int type = (int)asked->data.args[1];
  int made = silent_datagrams((int)asked->data.args[0], type);
  if (made < 0) return made;
  struct seccomp_notif_addfd gift = {
      .id = asked->id, .srcfd = (uint32_t)made, .newfd_flags = type & SOCK_CLOEXEC ? O_CLOEXEC : 0};
  int given = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &gift);
  if (given < 0) given = -errno;
  close(made);
  return given;
}

// `value`: what the call returns where there is no error.
static void answer(int listener, uint64_t id, int error, int value, void *buffer, size_t size) {
  struct seccomp_notif_resp *response = buffer;
  memset(response, 0, size);
  response->id = id;
  response->error = -error;
  response->val = error ? 0 : value;
  // ENOENT: it no longer waits.
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) && errno != ENOENT) fail("answering");
}

_Noreturn void supervise(int channel, pid_t launcher, pid_t command, const struct rules *rules) {
  struct seccomp_notif_sizes sizes;
  int number, listener;
  if (read(channel, &number, sizeof number) != sizeof number) _exit(125); // The command's process has said why.
  if ((listener = descriptor_of(command, number)) < 0) fail("taking over the sockets");
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes)) fail("notification sizes");
  give_up_powers(rules);
  // After the change of rights, which clears it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail("pdeathsig");
  if (getppid() != launcher) _exit(125);
  struct seccomp_notif *asked = malloc(sizes.seccomp_notif);
  void *response = malloc(sizes.seccomp_notif_resp);
  if (!asked || !response) fail("memory");
  if (write(channel, "!", 1) != 1) fail("going on duty");
  close(channel);

  // Calls that wait stand beside what they wait for; first the listener, which has no call. No descriptor: once more.
  static struct pollfd events[1 + MAX_WAITING];
  static struct call waiting[1 + MAX_WAITING];
  static uint64_t ids[1 + MAX_WAITING];
  nfds_t count = 1;
  int once_more = 0;
  events[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  for (;;) {
    if (poll(events, count, once_more ? ONCE_MORE_MS : -1) < 0 && errno != EINTR) fail("poll");
    once_more = 0;
    for (nfds_t i = count; --i >= 1;) {
      int again = events[i].fd < 0;
      int result = !still_waits(listener, ids[i]) ? ESRCH
                   : again                        ? perform(&waiting[i], rules)
                   : events[i].revents            ? finish(&waiting[i])
                                                  : WHEN_WRITABLE;
      if (result < 0) {
        once_more |= again;
        continue;
      }
      answer(listener, ids[i], result, 0, response, sizes.seccomp_notif_resp);
      close(waiting[i].socket);
      count--;
      events[i] = events[count], waiting[i] = waiting[count], ids[i] = ids[count];
    }
    // No process is left to answer for; the launcher ends us.
    if (events[0].revents & (POLLHUP | POLLERR)) pause();
    if (!(events[0].revents & POLLIN)) continue;
    memset(asked, 0, sizes.seccomp_notif);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, asked)) {
      if (errno == ENOENT || errno == EINTR) continue;
      fail("receiving");
    }
    if (asked->data.nr == SYS_socket) {
      int given = give_datagrams(listener, asked);
      answer(listener, asked->id, given < 0 ? -given : 0, given, response, sizes.seccomp_notif_resp);
      continue;
    }
    struct call call;
    int result = take(&call, listener, asked);
    if (result == 0) result = perform(&call, rules);
    if (result < 0 && count > MAX_WAITING) result = EAGAIN;
    if (result < 0) {
      events[count] = (struct pollfd){.fd = result == ONCE_MORE ? -1 : call.socket, .events = POLLOUT};
      waiting[count] = call, ids[count] = asked->id;
      once_more |= result == ONCE_MORE;
      count++;
      continue;
    }
    answer(listener, asked->id, result, 0, response, sizes.seccomp_notif_resp);
    if (call.socket >= 0) close(call.socket);
  }
}
