// What a hostile program does with sockets where it may have some, one attack per run:
//   flip PORT SECONDS    while it connects to its own server, other threads swap the address for PORT on 127.0.0.1 and
//                        the descriptor for another socket
//   stall                blocking connects that wait for a full queue, beside others that must not wait
//   sends PORT PATH      connects in the clothes of sends and options
//   loop                 connects to PORT 1 until it fails in another way than being refused
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static int serve(int backlog, struct sockaddr_in *at) {
  socklen_t size = sizeof *at;
  int server = socket(AF_INET, SOCK_STREAM, 0);
  *at = loopback(0);
  if (bind(server, (struct sockaddr *)at, size) || listen(server, backlog) ||
      getsockname(server, (struct sockaddr *)at, &size))
    perror("server"), exit(1);
  return server;
}

static volatile struct sockaddr_in flipped;
static volatile int flipping = 1, target_fd = -1;
static int ports[2];

static void *flip_address(void *unused) {
  for (unsigned i = 0; flipping; i++) {
    flipped.sin_port = (in_port_t)ports[i & 1];
    flipped.sin_addr.s_addr = htonl(i % 4 == 3 ? 0xa9fea9fe : INADDR_LOOPBACK);
  }
  return unused;
}
static void *flip_descriptor(void *unused) {
  while (flipping) {
    int fd = target_fd, other = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0) dup2(other, fd);
    close(other);
    usleep(50);
  }
  return unused;
}

static int flip(int canary, double duration) {
  struct sockaddr_in at;
  int server = serve(1000, &at), reached = 0, refused = 0, unreachable = 0, other = 0, wrong = 0;
  ports[0] = at.sin_port, ports[1] = htons(canary);
  flipped = at;
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, flip_address, NULL);
  pthread_create(&threads[1], NULL, flip_descriptor, NULL);
  // On a busy machine until each kind was met, or as good as never.
  for (double began = seconds(), passed; (passed = seconds() - began) < 10 * duration;) {
    if (passed > duration && reached > 5 && refused > 5 && unreachable > 5) break;
    int fd = socket(AF_INET, SOCK_STREAM | (reached & 1 ? SOCK_NONBLOCK : 0), 0);
    target_fd = fd;
    int failed = connect(fd, (struct sockaddr *)&flipped, sizeof flipped) ? errno : 0;
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sin_port != at.sin_port) wrong++;
    if (failed == 0 || failed == EINPROGRESS || failed == EISCONN) reached++;
    else if (failed == ECONNREFUSED) refused++;
    else if (failed == ENETUNREACH) unreachable++;
    else other++;
    target_fd = -1;
    close(fd);
    struct pollfd next = {server, POLLIN, 0};
    while (poll(&next, 1, 0) > 0) close(accept(server, NULL, NULL));
  }
  flipping = 0;
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("reached %d, refused %d, unreachable %d, other %d, wrong %d\n", reached, refused, unreachable, other, wrong);
  return 0;
}

static struct sockaddr_in full;
static volatile int through;
static void *wait_long(void *unused) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  connect(fd, (struct sockaddr *)&full, sizeof full);
  through = 1;
  printf("the waiting one came through\n");
  return unused;
}

static int stall(void) {
  struct sockaddr_in at;
  int crowded = serve(0, &full);
  int fds[3];
  for (int i = 0; i < 3; i++) {
    fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int failed = connect(fds[i], (struct sockaddr *)&full, sizeof full) ? errno : 0;
    if (failed && failed != EINPROGRESS) perror("not blocking");
  }
  pthread_t thread;
  pthread_create(&thread, NULL, wait_long, NULL);
  usleep(100 * 1000);
  serve(10, &at);
  for (int i = 0; i < 5; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at)) perror("beside");
    close(fd);
  }
  printf("beside it: %s\n", through ? "late" : "at once");
  // Only now there is room for it, and the kernel tries again after a second.
  for (double end = seconds() + 5; !through && seconds() < end;) {
    struct pollfd next = {crowded, POLLIN, 0};
    if (poll(&next, 1, 50) > 0) close(accept(crowded, NULL, NULL));
  }
  pthread_join(thread, NULL);
  return 0;
}

static void report(const char *name, long result) {
  printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "ok");
}

// Programs listen on such a socket and ask it about interfaces. Nothing makes it send.
static void datagrams(int domain) {
  int heard = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in at = loopback(0);
  socklen_t length = sizeof at;
  report("a datagram listener", bind(heard, (struct sockaddr *)&at, sizeof at));
  getsockname(heard, (struct sockaddr *)&at, &length);
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = at.sin_port};
  memcpy(&six.sin6_addr.s6_addr[10], "\xff\xff\x7f\0\0\1", 6);
  struct iovec bytes = {"x", 1};
  char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
  struct msghdr message = {.msg_name = &at, .msg_namelen = sizeof at, .msg_iov = &bytes, .msg_iovlen = 1};
  if (domain == AF_INET6) message.msg_name = &six, message.msg_namelen = sizeof six;
  struct mmsghdr messages = {.msg_hdr = message};
  report("to an address", sendto(fd, "x", 1, 0, message.msg_name, message.msg_namelen));
  report("by a message", sendmsg(fd, &message, 0));
  report("a part of one", sendmsg(fd, &message, MSG_MORE));
  report("by several", sendmmsg(fd, &messages, 1, 0));
  message.msg_control = control, message.msg_controllen = sizeof control;
  struct cmsghdr *way = CMSG_FIRSTHDR(&message);
  *way = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
  ((struct in_pktinfo *)CMSG_DATA(way))->ipi_ifindex = 1;
  report("by a way of its own", sendmsg(fd, &message, 0));
  report("connect", connect(fd, message.msg_name, message.msg_namelen));
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  report("connect to nowhere", connect(fd, &nowhere, sizeof nowhere));
  report("opened again", shutdown(fd, SHUT_RD));
  report("by a message after that", sendmsg(fd, &(struct msghdr){.msg_name = message.msg_name, .msg_namelen = message.msg_namelen, .msg_iov = &bytes, .msg_iovlen = 1}, 0));
  report("another device", setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &on, sizeof on));
  struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(0xe0000007), .imr_ifindex = 1};
  struct ipv6_mreq group6 = {.ipv6mr_interface = 1, .ipv6mr_multiaddr = {{{0xff, 2, [15] = 7}}}};
  struct group_req either = {.gr_interface = 1};
  memcpy(&either.gr_group, &(struct sockaddr_in){.sin_family = AF_INET, .sin_addr = group.imr_multiaddr}, sizeof at);
  report("a group", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
  report("a group by its family", setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &either, sizeof either));
  report("a group of IPv6", setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof group6));
  report("heard", recv(heard, &on, 1, MSG_DONTWAIT));
  struct ifconf interfaces = {0};
  report("asked about interfaces", ioctl(fd, SIOCGIFCONF, &interfaces));
  close(fd), close(heard);
}

static int sends(int port, const char *path) {
  struct sockaddr_in at = loopback(port);
  struct sockaddr_un file = {.sun_family = AF_UNIX};
  strncpy(file.sun_path, path, sizeof file.sun_path - 1);
  struct iovec bytes = {"x", 1};
  struct msghdr message = {.msg_name = &at, .msg_namelen = sizeof at, .msg_iov = &bytes, .msg_iovlen = 1};
  struct mmsghdr messages = {.msg_hdr = message};
  int pair[2], on = 1;
#define TCP socket(AF_INET, SOCK_STREAM, 0)
  report("sendto fast open", sendto(TCP, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&at, sizeof at));
  report("sendmsg fast open", sendmsg(TCP, &message, MSG_FASTOPEN));
  report("sendmmsg fast open", sendmmsg(TCP, &messages, 1, MSG_FASTOPEN));
  report("connect on first write", setsockopt(TCP, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on));
  report("another protocol on top", setsockopt(TCP, IPPROTO_TCP, TCP_ULP, "tls", 4));
  report("a route of its own", setsockopt(TCP, IPPROTO_IP, IP_OPTIONS, "\1\1\1\1", 4));
  report("another device", setsockopt(TCP, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5));
  report("datagram pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  datagrams(AF_INET);
  datagrams(AF_INET6);
  report("local datagram socket", socket(AF_UNIX, SOCK_DGRAM, 0));
  report("ping socket", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  report("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
  report("multipath TCP", socket(AF_INET, SOCK_STREAM, 262));
  report("sctp", socket(AF_INET, SOCK_STREAM, 132));
  report("a low port", (at = loopback(80), bind(TCP, (struct sockaddr *)&at, sizeof at)));
  report("the harness's port", (at = loopback(port), bind(TCP, (struct sockaddr *)&at, sizeof at)));
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  report("the harness's port over IPv6", bind(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr *)&six, sizeof six));
  report("another address", (at.sin_addr.s_addr = htonl(0x0a000001), bind(TCP, (struct sockaddr *)&at, sizeof at)));
  report("a local socket in a foreign folder",
         bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&file, sizeof file));
  file.sun_path[0] = '\0';
  report("an abstract name", bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&file, sizeof file));
  // Links of /proc lead past the command's own root and folder, with whatever rights the one who follows has.
  static const char *const MAGIC[] = {"/proc/1/root/tmp/x",  "/proc/self/root/tmp/x",   "/proc/self/cwd/x",
                                      "/proc/thread-self/root/tmp/x", "/proc/self/../1/root//tmp/x"};
  for (int i = 0; i < 5; i++) {
    struct sockaddr_un magic = {.sun_family = AF_UNIX};
    strncpy(magic.sun_path, MAGIC[i], sizeof magic.sun_path - 1);
    report(MAGIC[i], bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&magic, sizeof magic));
  }
  struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = "./own-name.sock"};
  socklen_t named = sizeof own;
  int local = socket(AF_UNIX, SOCK_STREAM, 0);
  report("a name of its own", bind(local, (struct sockaddr *)&own, sizeof own));
  getsockname(local, (struct sockaddr *)&own, &named);
  printf("its name: %s\n", own.sun_path);
  unlink("own-name.sock");
  report("a bad pointer", connect(TCP, (struct sockaddr *)8, sizeof at));
  report("a long address", connect(TCP, (struct sockaddr *)&file, 4096));
  report("no socket", connect(open("/dev/null", O_RDONLY), (struct sockaddr *)&at, sizeof at));
  // A server that never named its address is on loopback too: its socket is tied to that device.
  int unnamed = TCP;
  char device[16] = "";
  socklen_t size = sizeof device;
  if (listen(unnamed, 1) || getsockopt(unnamed, SOL_SOCKET, SO_BINDTODEVICE, device, &size)) perror("unnamed");
  printf("an unnamed server is on: %s\n", device);
  return 0;
}

_Noreturn static void loop(void) {
  struct sockaddr_in unused = loopback(1);
  printf("begun\n");
  fflush(stdout);
  for (;;) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&unused, sizeof unused) && errno != ECONNREFUSED) {
      printf("%s\n", strerrorname_np(errno));
      fflush(stdout);
      pause();
    }
    close(fd);
  }
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  if (strcmp(what, "flip") == 0 && count > 3) return flip(atoi(words[2]), atof(words[3]));
  if (strcmp(what, "stall") == 0) return stall();
  if (strcmp(what, "sends") == 0 && count > 3) return sends(atoi(words[2]), words[3]);
  if (strcmp(what, "loop") == 0) loop();
  return 2;
}
