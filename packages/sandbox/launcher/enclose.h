// What the launcher's files share. enclose.c starts and ends the command, supervise.c answers for its sockets,
// loopback.c decides.
#pragma once
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// Whose sockets, and the one foreign port that they may reach on 127.0.0.1 (0: none).
struct rules {
  uid_t uid;
  gid_t gid;
  uint16_t proxy_port;
};

// One line "enclose: WHAT: ..." and exit code 125: the sandbox could not be built.
_Noreturn void fail(const char *what);

// supervise.c
// In the command's process: loads the filter, hands its listener to the supervisor and returns when it is on duty.
void hand_over_sockets(int channel, const void *filter);
// In a root process of its own: never returns. When it ends, every socket call of the command fails with ENOSYS.
_Noreturn void supervise(int channel, pid_t launcher, pid_t command, const struct rules *rules);

// The one power of the supervisor, to look into the command: off, it is what the command is.
void use_powers(int on);

// loopback.c: a call on a socket of the command, with our own copy of everything it names.
struct call {
  int number;
  int socket;
  pid_t thread;
  int backlog;
  socklen_t length;
  struct sockaddr_storage address;
};
// 0, an errno, or how to go on with a call that has to wait: finish() when its socket is writable, or perform() again.
enum { WHEN_WRITABLE = -1, ONCE_MORE = -2 };
int perform(struct call *call, const struct rules *rules);
int finish(struct call *call);
// A UDP socket that cannot send and hears loopback alone, or an errno below zero. `type`: as socket(2) is asked for it.
int silent_datagrams(int domain, int type);
