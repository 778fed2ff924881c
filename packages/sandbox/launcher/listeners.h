// Who listens on a TCP port of this machine, in either family and on whatever address.
#pragma once
#include <stdint.h>
#include <sys/types.h>

struct listeners {
  int own, foreign;
};
// 0 or an errno, and then nothing is known.
int ask_for_listeners(uint16_t port, uid_t uid, struct listeners *found);
int read_listeners(uint16_t port, uid_t uid, struct listeners *found);
