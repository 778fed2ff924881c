// What a command may do with its sockets: be a server on loopback, be a client of its own servers, and listen there by
// UDP. Each call is performed here, on the command's very socket and with our copy of the address, so nothing can change
// after the check.
//
// Errors are those of a machine whose only network is an empty loopback: ENETUNREACH elsewhere, ECONNREFUSED where
// no process of this user listens, EADDRINUSE where another user's does.
#define _GNU_SOURCE
#include "enclose.h"
#include "listeners.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_ORDINARY_PORT 1024

static int option(int socket, int name, int *value) {
  socklen_t size = sizeof *value;
  return getsockopt(socket, SOL_SOCKET, name, value, &size) ? errno : 0;
}

// One listener of another user on a port, on any address, is enough to keep away from it.
static int listeners_on(uint16_t port, uid_t uid, struct listeners *found) {
  *found = (struct listeners){0, 0};
  if (ask_for_listeners(port, uid, found) == 0) return 0;
  *found = (struct listeners){0, 0};
  return read_listeners(port, uid, found);
}

// Whatever it is bound or connected to, its packets come from and go to loopback only. A command cannot take that back
// (it needs CAP_NET_RAW, socket(7)); one that bound itself to another device before is refused.
static int keep_on_loopback(int socket) {
  char device[16] = "";
  socklen_t size = sizeof device;
  if (getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device, &size)) return errno;
  if (strcmp(device, "lo") == 0) return 0;
  if (device[0]) return EPERM;
  return setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) ? errno : 0;
}

static int shut_datagrams(int domain, int type) {
  int made = socket(domain, SOCK_DGRAM | (type & (SOCK_CLOEXEC | SOCK_NONBLOCK)), 0);
  if (made < 0) return -errno;
  shutdown(made, SHUT_WR); // Says that it is not connected, and shuts it.
  int error = keep_on_loopback(made);
  if (!error) return made;
  close(made);
  return -error;
}

// On a socket of its own: a send binds it to a port.
static int can_send(int domain) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  const void *to = domain == AF_INET ? (const void *)&four : &six;
  int tried = shut_datagrams(domain, SOCK_NONBLOCK);
  if (tried < 0) return 1;
  int sends = sendto(tried, "", 0, MSG_NOSIGNAL, to, domain == AF_INET ? sizeof four : sizeof six) >= 0 || errno != EPIPE;
  close(tried);
  return sends;
}

// Datagrams name their receiver in memory that may change after any check, so no command sends one. Programs have other
// reasons for such a socket, though: Java asks it about interfaces, and Gradle does not start without listening on one.
// shutdown(2) keeps the kernel from ever making a packet of it (sock_alloc_send_pskb), and connect(2) does not take that
// back as it does for a stream. It is tried out: a kernel that sends all the same gives none out.
int silent_datagrams(int domain, int type) { return can_send(domain) ? -EPERM : shut_datagrams(domain, type); }

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct target {
  int loopback, any;
  uint16_t port;
};
static struct target target_of(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)address;
    uint32_t ip = ntohl(in->sin_addr.s_addr);
    return (struct target){ip >> 24 == 127, ip == 0, ntohs(in->sin_port)};
  }
  const struct sockaddr_in6 *in = (const void *)address;
  const uint8_t *ip = in->sin6_addr.s6_addr;
  if (memcmp(ip, MAPPED, sizeof MAPPED) == 0)
    return (struct target){ip[12] == 127, (ip[12] | ip[13] | ip[14] | ip[15]) == 0, ntohs(in->sin6_port)};
  return (struct target){IN6_IS_ADDR_LOOPBACK(&in->sin6_addr), IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr),
                         ntohs(in->sin6_port)};
}

// Nothing of the command's beyond address and port goes to the kernel: no flow, no scope, no padding.
static int canonical(struct call *call, int domain) {
  struct sockaddr_storage clean = {0};
  if (call->address.ss_family != domain) return EAFNOSUPPORT;
  if (domain == AF_INET) {
    const struct sockaddr_in *from = (const void *)&call->address;
    if (call->length < sizeof *from) return EINVAL;
    *(struct sockaddr_in *)&clean =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = from->sin_port, .sin_addr = from->sin_addr};
    call->length = sizeof *from;
  } else {
    const struct sockaddr_in6 *from = (const void *)&call->address;
    if (call->length < offsetof(struct sockaddr_in6, sin6_scope_id)) return EINVAL;
    *(struct sockaddr_in6 *)&clean =
        (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = from->sin6_port, .sin6_addr = from->sin6_addr};
    call->length = sizeof *from;
  }
  call->address = clean;
  return 0;
}

// A signal may have cut the first answer short, and the call is then made again: what it asks for is already so.
static int is_already(const struct call *call, int (*name)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_storage now = {0};
  socklen_t size = sizeof now;
  if (name(call->socket, (struct sockaddr *)&now, &size)) return 0;
  if (now.ss_family == AF_INET6) ((struct sockaddr_in6 *)&now)->sin6_scope_id = 0;
  return size == call->length && memcmp(&now, &call->address, size) == 0;
}

// As the command's blocking socket would, but without stopping the calls of other processes: the wait comes later.
static int connect_without_waiting(struct call *call, const struct sockaddr *to, socklen_t length) {
  int flags = fcntl(call->socket, F_GETFL);
  int blocking = flags >= 0 && !(flags & O_NONBLOCK);
  if (blocking) fcntl(call->socket, F_SETFL, flags | O_NONBLOCK);
  int error = connect(call->socket, to, length) ? errno : 0;
  if (blocking) fcntl(call->socket, F_SETFL, flags);
  if (!blocking) return error;
  return error == EINPROGRESS || error == EALREADY ? WHEN_WRITABLE : error == EAGAIN ? ONCE_MORE : error;
}

// The harness listens on 127.0.0.1 alone. Java says that as ::ffff:127.0.0.1.
static int is_proxy(const struct sockaddr_storage *address, const struct rules *rules) {
  static const uint8_t HOME[4] = {127, 0, 0, 1};
  if (!rules->proxy_port || target_of(address).port != rules->proxy_port) return 0;
  if (address->ss_family == AF_INET)
    return memcmp(&((const struct sockaddr_in *)address)->sin_addr, HOME, sizeof HOME) == 0;
  const uint8_t *ip = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
  return memcmp(ip, MAPPED, sizeof MAPPED) == 0 && memcmp(ip + sizeof MAPPED, HOME, sizeof HOME) == 0;
}

static int connect_inet(struct call *call, const struct rules *rules) {
  struct target to = target_of(&call->address);
  if (!to.loopback && !to.any) return ENETUNREACH;
  if (!is_proxy(&call->address, rules)) {
    struct listeners on;
    int error = listeners_on(to.port, rules->uid, &on);
    if (error) return error;
    if (!on.own || on.foreign) return ECONNREFUSED;
  }
  int error = keep_on_loopback(call->socket);
  if (error) return error;
  error = connect_without_waiting(call, (struct sockaddr *)&call->address, call->length);
  if (error == EISCONN && is_already(call, getpeername)) return 0;
  return error == WHEN_WRITABLE ? finish(call) : error;
}

static int bind_inet(struct call *call, const struct rules *rules) {
  struct target at = target_of(&call->address);
  if (!at.loopback && !at.any) return EADDRNOTAVAIL;
  if (at.port && at.port < FIRST_ORDINARY_PORT) return EACCES;
  if (at.port) {
    struct listeners on;
    int error = listeners_on(at.port, rules->uid, &on);
    if (error) return error;
    if (on.foreign) return EADDRINUSE;
  }
  int error = keep_on_loopback(call->socket);
  if (error) return error;
  if (bind(call->socket, (struct sockaddr *)&call->address, call->length) == 0) return 0;
  error = errno;
  return error == EINVAL && at.port && is_already(call, getsockname) ? 0 : error;
}

// Paths are the command's own: its working folder, and, since the supervisor's file rights are the command's, its
// rights.
static int go_to_its_folder(pid_t thread) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/cwd", thread);
  int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return errno;
  int error = fchdir(folder) ? errno : 0;
  close(folder);
  return error;
}

static int unix_path(struct call *call, char path[sizeof(struct sockaddr_un)]) {
  size_t start = offsetof(struct sockaddr_un, sun_path);
  if (call->length > sizeof(struct sockaddr_un)) return EINVAL;
  // Abstract names belong to the whole machine.
  if (call->length <= start || ((struct sockaddr_un *)&call->address)->sun_path[0] == '\0') return EPERM;
  memset(path, 0, sizeof(struct sockaddr_un));
  memcpy(path, ((struct sockaddr_un *)&call->address)->sun_path, call->length - start);
  return go_to_its_folder(call->thread);
}

// The file is opened first, and what was opened is what is connected to: it cannot be swapped in between.
static int connect_unix(struct call *call, const struct rules *rules) {
  char path[sizeof(struct sockaddr_un)];
  int error = unix_path(call, path);
  if (error) return error == EPERM ? ECONNREFUSED : error;
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  int file = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (file < 0) return errno;
  struct stat found;
  if (fstat(file, &found) || !S_ISSOCK(found.st_mode) || found.st_uid != rules->uid) {
    close(file);
    return ECONNREFUSED;
  }
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  snprintf(to.sun_path, sizeof to.sun_path, "/proc/self/fd/%d", file);
  error = connect_without_waiting(call, (struct sockaddr *)&to, sizeof to);
  close(file);
  return error;
}

// The folder of a path must be reached without the links of /proc, which lead past the command's own root and folder.
static int plain_folder(char path[sizeof(struct sockaddr_un)]) {
  char folder[sizeof(struct sockaddr_un)];
  memcpy(folder, path, sizeof folder);
  size_t length = strlen(folder);
  while (length && folder[length - 1] == '/') length--;
  while (length && folder[length - 1] != '/') length--;
  folder[length] = '\0';
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  int opened = (int)syscall(SYS_openat2, AT_FDCWD, length ? folder : ".", &how, sizeof how);
  if (opened < 0) return errno;
  close(opened);
  return 0;
}

// The whole address goes to the kernel, since the socket keeps it as its name, and a part of it may have been swapped
// since the look at its folder. So it is followed with the command's rights alone: whatever it leads to by then, the
// command could have gone there without us.
static int bind_unix(struct call *call) {
  char path[sizeof(struct sockaddr_un)];
  int error = unix_path(call, path);
  if (error || (error = plain_folder(path))) return error;
  use_powers(0);
  error = bind(call->socket, (struct sockaddr *)&call->address, call->length) ? errno : 0;
  use_powers(1);
  return error;
}

int perform(struct call *call, const struct rules *rules) {
  int domain, type, error;
  if ((error = option(call->socket, SO_DOMAIN, &domain)) || (error = option(call->socket, SO_TYPE, &type))) return error;
  int inet = domain == AF_INET || domain == AF_INET6;
  int listens = inet && type == SOCK_DGRAM && call->number == SYS_bind;
  if ((type != SOCK_STREAM && !listens) || (!inet && domain != AF_UNIX)) return EPERM;
  if (call->number == SYS_listen) {
    if (inet && (error = keep_on_loopback(call->socket))) return error;
    return listen(call->socket, call->backlog) ? errno : 0;
  }
  if (call->length < sizeof(sa_family_t)) return EINVAL;
  if (call->number == SYS_connect && call->address.ss_family == AF_UNSPEC && inet) {
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    return connect(call->socket, &nowhere, sizeof nowhere) ? errno : 0;
  }
  if (!inet && call->address.ss_family != AF_UNIX) return EINVAL;
  if (inet && (error = canonical(call, domain))) return error;
  if (call->number == SYS_connect) return inet ? connect_inet(call, rules) : connect_unix(call, rules);
  return inet ? bind_inet(call, rules) : bind_unix(call);
}

int finish(struct call *call) {
  struct pollfd ready = {.fd = call->socket, .events = POLLOUT};
  if (poll(&ready, 1, 0) == 0) return WHEN_WRITABLE;
  int failed, error = option(call->socket, SO_ERROR, &failed);
  return error ? error : failed;
}
