// Two ways to the same list: sock_diag(7) goes straight to those that listen but is a kernel module that a machine may
// lack; /proc/net/tcp is always there and walks the table of all connections, a millisecond on a machine with much memory.
#define _GNU_SOURCE
#include "listeners.h"
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENING 10 // TCP_LISTEN

static void count(uid_t owner, uid_t uid, struct listeners *found) {
  if (owner == uid) found->own++;
  else found->foreign++;
}

// 0 at the end of the list, EAGAIN when there is more to receive, or what is wrong.
static int count_in(struct nlmsghdr *message, int size, uint16_t port, uid_t uid, struct listeners *found) {
  for (; NLMSG_OK(message, (unsigned)size); message = NLMSG_NEXT(message, size)) {
    if (message->nlmsg_type == NLMSG_DONE) return 0;
    if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY || message->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
      return EPROTO;
    const struct inet_diag_msg *one = NLMSG_DATA(message);
    if (one->idiag_state == LISTENING && one->id.idiag_sport == htons(port)) count(one->idiag_uid, uid, found);
  }
  return EAGAIN;
}

int ask_for_listeners(uint16_t port, uid_t uid, struct listeners *found) {
  int kernel = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (kernel < 0) return errno;
  int error = 0;
  for (int i = 0; i < 2 && !error; i++) {
    struct {
      struct nlmsghdr head;
      struct inet_diag_req_v2 body;
    } request = {
        .head = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body = {.sdiag_family = i ? AF_INET6 : AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 1U << LISTENING,
                 .id.idiag_sport = htons(port)},
    };
    if (send(kernel, &request, sizeof request, 0) != sizeof request) error = errno ? errno : EPROTO;
    else error = EAGAIN;
    while (error == EAGAIN) {
      static char answer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
      ssize_t size = recv(kernel, answer, sizeof answer, MSG_TRUNC);
      if (size <= 0 || (size_t)size > sizeof answer) error = EPROTO;
      else error = count_in((struct nlmsghdr *)answer, (int)size, port, uid, found);
    }
  }
  close(kernel);
  return error;
}

// proc_net_tcp(5); those that listen come first.
int read_listeners(uint16_t port, uid_t uid, struct listeners *found) {
  static const char *const TABLES[] = {"/proc/net/tcp", "/proc/net/tcp6"};
  for (int i = 0; i < 2; i++) {
    FILE *table = fopen(TABLES[i], "re");
    if (!table && errno == ENOENT && i == 1) continue; // A machine without IPv6.
    if (!table) return EACCES;
    char line[512];
    if (!fgets(line, sizeof line, table)) line[0] = '\0';
    while (fgets(line, sizeof line, table)) {
      unsigned at, state, owner;
      if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u", &at, &state, &owner) != 3) {
        fclose(table);
        return EACCES;
      }
      if (state != LISTENING) break;
      if (at == port) count(owner, uid, found);
    }
    fclose(table);
  }
  return 0;
}
