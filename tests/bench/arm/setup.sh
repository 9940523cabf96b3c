#!/bin/bash
# Makes, once, what tests/bench/arm/count.py needs to count an ARM core's instructions without ARM hardware. It takes about ten
# minutes of two cores, nearly all of it qemu, and a second when there is nothing to do. For Debian 12 on x86-64.
#
#   tests/bench/arm/setup.sh [TOKENS…]     TOKENS: the lengths that LiteRT gets a graph for (default 8 32 128)
#
# Root is needed for one thing, the first step: to install Debian packages that are missing (by sudo where there is one). All else,
# and count.py itself, runs as any user.
#   POCKETBERT_ARM   the folder where all of it goes   (default ~/.cache/pocketbert/arm)
# It will hold:
#   qemu-aarch64     qemu 7.2 with plugins, which Debian's own build lacks
#   blocks.so        hotblocks.c, the plugin that counts
#   root/            a small arm64 system: the C library, Python 3.11 and, in root/site, LiteRT 2.3.0
#   distilbert/, distilbert-TOKENS.tflite   the model that is counted, for us and for LiteRT

source "$(dirname "${BASH_SOURCE[0]}")/../../../toolchains/steps.sh"
source toolchains/packages.sh

lab=${POCKETBERT_ARM:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/arm}
[ $# != 0 ] || set -- 8 32 128
mkdir -p "$lab"
lab=$(cd "$lab" && pwd)

say() { echo "   $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

suite=bookworm
qemu_archive=qemu_7.2+dfsg.orig.tar.xz
qemu_sha256=91aca71520040edc40b8d437aa3004dae614f58e286cf653ee8996c07af2962f

# apt with lists of its own, so that it offers sources and arm64 packages and the machine's configuration stays as it is.
private_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$work/state" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

open_mirror() {
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg type
  [ -z "$work" ] || return 0
  work=$(mktemp -d "$lab/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
  [ -n "$mirror" ] || { echo "this machine has no Debian mirror" >&2; return 1; }
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
  for type in deb deb-src; do echo "$type [signed-by=$keyring] $mirror $suite main"; done >"$work/sources.list"
  private_apt update
}

build_qemu() {
  local log=$lab/qemu.log
  [ ! -x "$lab/qemu-aarch64" ] || return 0
  open_mirror || return 1
  # A newer revision of the Debian package keeps the upstream archive, so its hash pins what is built.
  (cd "$work" && private_apt source --download-only qemu/$suite >apt.log 2>&1) || { cat "$work/apt.log" >&2; return 1; }
  echo "$qemu_sha256  $work/$qemu_archive" | sha256sum --check --status || { echo "$qemu_archive does not have the pinned SHA-256" >&2; return 1; }
  mkdir "$work/qemu" && tar -C "$work/qemu" --strip-components 1 -xf "$work/$qemu_archive" || return 1
  : >"$work/qemu/pc-bios/meson.build" # Debian's archive lacks the firmware that this file lists, and user emulation needs none of it.
  # meson is Debian's Python program: another Python that stands first on PATH would not find it.
  (cd "$work/qemu" && PATH=/usr/bin:/bin ./configure --target-list=aarch64-linux-user --without-default-features --enable-plugins \
    --enable-linux-user --disable-system --disable-tools --disable-docs --disable-werror --meson=/usr/bin/meson) >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; return 1; }
  (cd "$work/qemu" && ninja -C build qemu-aarch64) | tee -a "$log" | ten_lines || return 1
  mv "$work/qemu/build/qemu-aarch64" "$lab/qemu-aarch64"
}

build_plugin() {
  local source=tests/bench/arm/hotblocks.c
  [ ! "$lab/blocks.so" -nt $source ] || return 0
  gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -shared -fPIC -O2 $source -o "$lab/blocks.so.new" && mv "$lab/blocks.so.new" "$lab/blocks.so"
}

make_root() {
  local file root
  [ ! -d "$lab/root/site/ai_edge_litert" ] || return 0
  open_mirror || return 1
  root=$work/root
  mkdir -p "$work/debs" "$root/site"
  (cd "$work/debs" && private_apt download libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libffi8 libssl3 libbz2-1.0 liblzma5 libuuid1 \
    python3.11-minimal libpython3.11-minimal libpython3.11-stdlib) || return 1
  for file in "$work"/debs/*.deb; do dpkg-deb -x "$file" "$root" || return 1; done
  "$venv/bin/pip" install --quiet --no-deps --only-binary=:all: --python-version 311 --platform manylinux_2_28_aarch64 \
    --platform manylinux_2_27_aarch64 --platform manylinux_2_17_aarch64 --target "$root/site" ai-edge-litert==$litert_version numpy==2.4.6 flatbuffers==25.12.19 ||
    return 1
  rm -rf "$lab/root"
  mv "$root" "$lab/root"
}

work=
step "Packages" install_packages gcc libglib2.0-dev meson ninja-build pkg-config dpkg-dev xz-utils python3-venv llvm-19 binutils-aarch64-linux-gnu
source tests/bench/litert_venv.sh # LiteRT for this machine, which writes its graphs
step "qemu with plugins" build_qemu
step "The plugin that counts" build_plugin
step "An arm64 system with LiteRT" make_root
step "The models" "$venv/bin/python3" tests/bench/arm/write_models.py "$lab" "$@"
echo "ready: $lab"
