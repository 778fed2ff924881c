#!/bin/sh
# Installs the toolchains named in $CODY_TOOLCHAINS from Debian, while the image is built, and prints what each takes.
# Arguments: options for apt-get. packages/config/variables/deploy.ts knows the same names.
set -eu
packages_of() {
  case $1 in
  java) echo "default-jdk-headless" ;;
  maven) echo "maven" ;;
  python) echo "python3 python3-pip python3-venv python-is-python3" ;;
  go) echo "golang-go" ;;
  rust) echo "cargo" ;;
  ruby) echo "ruby bundler" ;;
  php) echo "php-cli composer" ;;
  c) echo "gcc g++ libc6-dev make" ;;
  *)
    echo "CODY_TOOLCHAINS: \"$1\" is none of java, maven, python, go, rust, ruby, php and c" >&2
    return 1
    ;;
  esac
}
used() { du -sm /usr /var/lib/dpkg 2>/dev/null | awk '{ sum += $1 } END { print sum }'; }
for name in $CODY_TOOLCHAINS; do packages_of "$name" >/dev/null; done
[ -n "$CODY_TOOLCHAINS" ] || exit 0
apt-get update "$@"
for name in $CODY_TOOLCHAINS; do
  before=$(used)
  # shellcheck disable=SC2046
  apt-get install -y --no-install-recommends "$@" $(packages_of "$name")
  echo "toolchain $name: $(($(used) - before)) MB in the image"
done
rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
