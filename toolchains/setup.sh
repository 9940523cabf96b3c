#!/bin/sh
# Gets a machine ready to build pocketbert: packages, pinned third-party sources and, for the tests, a Python environment.
#
#   toolchains/setup.sh demo        what the library and the command need
#   toolchains/setup.sh tests       the same, and clang 19, qemu, the ARM cross compilers, Python with the reference tokenizers
#   toolchains/setup.sh tests-all   the same, and what the platforms are built and tried with: Emscripten, Node, Chromium, …
#
# It can be run again at any time and takes a second when there is nothing to do. Nothing is written into the source tree:
#   POCKETBERT_SOURCES   where the sources go      (default ~/.cache/pocketbert/sources; toolchains/deps.cmake looks there)
#   POCKETBERT_VENV      the Python environment    (default ~/.cache/pocketbert/venv)
set -eu

group=${1:-demo}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert
sources=${POCKETBERT_SOURCES:-$cache/sources}
venv=${POCKETBERT_VENV:-$cache/venv}

# Must be the version whose tables runtime/text was generated from, or the tokenizer tests compare two different Unicodes.
python_packages='tokenizers==0.23.3 sentencepiece==0.2.3 numpy<3'

say() { echo "setup: $*"; }
fail() { echo "setup: FAILED: $*" >&2; exit 1; }

packages='g++ cmake ninja-build ccache xz-utils ca-certificates python3 libflatbuffers-dev libcli11-dev nlohmann-json3-dev libzip-dev libyaml-cpp-dev doctest-dev'
case $group in
  demo) ;;
  tests | tests-all)
    packages="$packages flatbuffers-compiler libbenchmark-dev python3-venv clang-19 lld-19 libclang-rt-19-dev pkg-config groff-base dpkg-dev qemu-user-static g++-aarch64-linux-gnu g++-arm-linux-gnueabihf"
    if [ "$group" = tests-all ]; then
      packages="$packages emscripten chromium default-jdk-headless maven unzip aapt zipalign apksigner lintian"
      # Node's own packages bring an npm with them and refuse Debian's.
      command -v npm >/dev/null || packages="$packages nodejs npm"
    fi
    ;;
  *) fail "unknown group '$group' (demo, tests or tests-all)" ;;
esac

# Nothing here can be done for a machine without apt, and it may well have everything already: say what is needed and go on.
if ! command -v apt-get >/dev/null; then
  cat <<END
setup: this is not a Debian-like machine, so nothing is installed here. pocketbert needs:
         a C++20 compiler (g++ 12 or clang 19 or later), CMake 3.25 or later, Ninja, Python 3, git
         fetched when absent: flatbuffers 2.0.8 or later, CLI11, nlohmann-json, yaml-cpp, doctest
         optional: libzip (for PyTorch's files and zipped data sets), ccache, Google Benchmark
       then, with XNNPACK and all else that is absent fetched by CMake's FetchContent:
         cmake --preset release && cmake --build --preset release
END
  exit 0
fi

. "$(dirname "$0")/packages.sh"

# The pinned sources come from Debian's source packages, because a machine that installs packages can reach its mirror when it may
# not reach GitHub. apt is given a private configuration (only these two suites, own lists), so the machine's own is left alone.
# apt ends with an error, as it also looks for a .dsc that is not there; the upstream archive is all that counts, and its hash
# decides.
fetch_from_mirror() {
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
  [ -n "$mirror" ] || { say "this machine has no Debian mirror"; return 1; }
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f $keyring ] || { say "no $keyring: cannot trust the mirror"; return 1; }
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  for suite in trixie sid; do
    echo "deb-src [signed-by=$keyring] $mirror $suite main"
  done >"$work/sources.list"
  private_apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::lists="$work/lists" \
      -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none "$@"
  }
  say "asking $mirror for the sources of XNNPACK, cpuinfo, pthreadpool and FXdiv"
  private_apt update || { say "no trixie and sid there"; return 1; }
  (cd "$work" && private_apt source --download-only xnnpack/trixie pthreadpool/trixie fxdiv/trixie cpuinfo/sid >apt.log 2>&1) || true
}

# take NAME COMMIT ARCHIVE SHA256: unpacks into $sources/NAME-COMMIT, renamed into place so that a directory that exists is complete.
take() {
  [ ! -d "$sources/$1-$2" ] || return 0
  archive=$work/$3
  if [ ! -f "$archive" ] && [ "$1" = cpuinfo ]; then
    # sid moves on; cpuinfo's interface is stable, so a newer one will do. apt has checked it against the signed index.
    archive=$(find "$work" -maxdepth 1 -name 'cpuinfo_*.orig.tar.*' | head -n 1)
    [ -z "$archive" ] || say "the mirror has a newer cpuinfo than the pinned one: taking ${archive##*/}"
  elif [ -f "$archive" ] && ! echo "$4  $archive" | sha256sum --check --status; then
    fail "sources: $3 does not have the pinned SHA-256"
  fi
  [ -f "$archive" ] || { say "the mirror has no $3"; return 1; }
  rm -rf "$work/unpacked"
  mkdir "$work/unpacked"
  tar -C "$work/unpacked" -xf "$archive" || fail "sources: cannot unpack $3"
  # Some of these archives hold one folder, some hold the files themselves.
  top=$(find "$work/unpacked" -maxdepth 2 -name CMakeLists.txt -printf '%d %h\n' | sort -n | head -n 1 | cut -d ' ' -f 2)
  mv "$top" "$sources/$1-$2"
  say "$1 is in $sources/$1-$2"
}

# The hashes are of Debian's archives of the commits that toolchains/deps.cmake names in full.
take_all() {
  take xnnpack 4ea82e5 xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz 90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99 &&
    take pthreadpool 560c60d pthreadpool_0.0~git20240616.560c60d.orig.tar.xz 4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708 &&
    take fxdiv b408327 fxdiv_0.0~git20200417.b408327.orig.tar.xz 7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b &&
    take cpuinfo 877328f cpuinfo_0.0~git20250905.877328f.orig.tar.xz 557ca404a3836b9f335a3a06b65ff9fe9dbaaefab7fb5c0185f53d9f33615a10
}

fetch_sources() {
  for directory in xnnpack-4ea82e5 pthreadpool-560c60d fxdiv-b408327 cpuinfo-877328f ''; do
    [ -d "$sources/$directory" ] || break
  done
  [ -n "$directory" ] || return 0
  mkdir -p "$sources"
  work=$(mktemp -d "$sources/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if ! { fetch_from_mirror && take_all; }; then
    say "CMake will fetch the sources that are missing from GitHub (FetchContent)"
    install_packages git
  fi
}

make_venv() {
  wanted=$(echo "$python_packages" | cksum)
  [ "$(cat "$venv/wanted" 2>/dev/null)" != "$wanted" ] || return 0
  say "making a Python environment in $venv ($python_packages)"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "Python: python3 -m venv"
  # Without a package index the tests that need the reference tokenizers are skipped, and say so.
  # shellcheck disable=SC2086
  if "$venv/bin/pip" install --quiet $python_packages; then echo "$wanted" >"$venv/wanted"; else say "Python: pip cannot install $python_packages"; fi
}

# Drives Debian's browser in tests/web. Without it that test says that it was skipped.
make_web() {
  [ ! -d "$cache/web/node_modules/playwright-core" ] || return 0
  mkdir -p "$cache/web"
  (cd "$cache/web" && npm install --silent --no-audit --no-fund playwright-core@1.65.1) || say "npm cannot install playwright-core"
}

# shellcheck disable=SC2086
install_packages $packages
fetch_sources
[ "$group" = demo ] || make_venv
[ "$group" != tests-all ] || make_web
say "ready ($group)"
