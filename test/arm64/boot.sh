#!/bin/sh
# Boots an arm64 Debian kernel in emulation, once, and runs the launcher of the commands' sandbox, its filters and the
# attack programs there: no other machine of ours is arm64, and the runner on Fargate is. Not part of `npm test`.
#
#   apt-get install qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross cpio
#   dpkg --add-architecture arm64 && apt-get update
#   test/arm64/boot.sh
#
# KERNEL=some.deb boots another kernel than Debian's newest: 5.10, say, which is as old as Fargate's.
# Prints what the machine printed, and ends with 0 when every attack failed and every honest program worked.
set -eu
cd "$(dirname "$0")/../.."
node="$PWD/node_modules/.bin/node"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"
mkdir -p "$root/bin" "$root/proc" "$root/tmp" "$work/packages"

kernel=$(apt-cache depends linux-image-cloud-arm64:arm64 | sed -n 's/.*Depends: \(linux-image-[^:]*\).*/\1-unsigned/p')
(cd "$work/packages" && apt-get download busybox-static:arm64 $([ "${KERNEL:-}" ] || echo "$kernel:arm64") >/dev/null 2>&1)
[ -z "${KERNEL:-}" ] || cp "$KERNEL" "$work/packages"
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/packages"; done
cp "$work/packages/bin/busybox" "$root/bin/busybox"

compile() { aarch64-linux-gnu-gcc -O2 -static -pthread -Wall -Wextra -Werror -o "$root/bin/$1" $2; }
compile enclose "packages/sandbox/launcher/*.c"
compile attack test/sandbox/attack.c
compile sockets test/sandbox/sockets.c
for sockets in none supervised; do
  "$node" -e 'import("./packages/sandbox/seccomp/filter.ts").then(({ filterForThisMachine }) =>
    process.stdout.write(filterForThisMachine(process.argv[1], "arm64")))' $sockets >"$root/filter-$sockets"
done
cp test/arm64/init "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initramfs"

timeout "${SECONDS_TO_BOOT:-300}" qemu-system-aarch64 -machine virt -cpu max,pauth-impdef=on -smp 2 -m 1024 -display none -serial stdio -monitor none \
  -nic none -no-reboot -kernel "$work"/packages/boot/vmlinuz-* -initrd "$work/initramfs" \
  -append "console=ttyAMA0 quiet panic=-1" </dev/null | tr -d '\r' | tee "$work/printed"
grep -q '^all is well$' "$work/printed"
