#!/bin/sh
# Lays out what toolchains/android.cmake compiles with, in ~/.cache/pocketbert/android/native and nowhere else: a stand-in for the NDK on
# machines that cannot get one. It is for checking that the library compiles, links and has the right shape; nothing made with it ships.
#
#   toolchains/android/setup.sh && cmake --preset android-arm64-v8a && cmake --build --preset android-arm64-v8a
#
#   bin/       clang and its tools under the names that the NDK gives them
#   clang/     clang's own headers, and the functions that it calls without being told (compiler-rt's, in an NDK)
#   sysroot/   headers: musl's and Linux's of PyPI's ziglang, with include/ beside this file where bionic differs; libc++'s of Debian;
#              jni.h of a JDK. Libraries: stubs with the names that bionic of API level 23 has, which the jar of unidbg carries,
#              and the few functions of a C++ library that we need (runtime.cc beside this file)
#
# It can be run again at any time and takes a second when there is nothing to do.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
android=${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/android/native
llvm=/usr/lib/llvm-19

wheel=ziglang==0.13.0
wheel_sha256=3ce0c9f16547e5d61b32e0d226926e9a2552ef4b91fccf7ab5ea1a623a77824b
jar=com.github.zhkl0228:unidbg-android:0.9.8
jar_sha256=e2f71ffc5fdec4d4aaed71e7a9a2b06a9a3c7cc86316c573d1ea5bb5da8ab1fd

say() { echo "android: $*"; }
fail() { echo "android: FAILED: $*" >&2; exit 1; }

"$here/../setup.sh" demo
command -v apt-get >/dev/null || fail "this needs a Debian-like machine; take the NDK (-DCMAKE_TOOLCHAIN_FILE=…/android.toolchain.cmake)"
. "$here/../packages.sh"
packages='clang-19 lld-19 llvm-19 libc++-19-dev unzip python3-pip'
command -v mvn >/dev/null || packages="$packages maven"
command -v javac >/dev/null || packages="$packages default-jdk-headless"
# shellcheck disable=SC2086
install_packages $packages

wanted=$(cat "$here"/*.* "$here"/include/*.h "$here"/include/*/*.h | cksum)
if [ "$(cat "$android/wanted" 2>/dev/null)" = "$wanted" ]; then
  say "ready"
  exit 0
fi

# fetched FILE SHA256: FILE is there and is what it should be.
fetched() {
  [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status
}

fetch() {
  mkdir -p "$android/fetched"
  zig=$(find "$android/fetched" -name 'ziglang-*.whl')
  if ! fetched "$zig" $wheel_sha256; then
    say "fetching $wheel"
    # This machine's processor need not be x86: of the wheel only headers are used, and the hash is that of one wheel.
    python3 -m pip download --quiet --no-deps --only-binary :all: --platform manylinux_2_12_x86_64 --dest "$android/fetched" $wheel ||
      fail "pip download $wheel"
    zig=$(find "$android/fetched" -name 'ziglang-*.whl')
    fetched "$zig" $wheel_sha256 || fail "$wheel does not have the pinned SHA-256"
  fi
  bionic=$android/fetched/unidbg-android-0.9.8.jar
  if ! fetched "$bionic" $jar_sha256; then
    say "fetching $jar"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact=$jar -DoutputDirectory="$android/fetched" ||
      fail "mvn dependency:copy $jar"
    fetched "$bionic" $jar_sha256 || fail "$jar does not have the pinned SHA-256"
  fi
}

lay_tools() {
  mkdir -p bin clang/lib/linux
  for tool in clang clang++ ld.lld llvm-ar llvm-nm llvm-objcopy llvm-objdump llvm-ranlib llvm-readelf llvm-strip; do
    ln -s $llvm/bin/$tool bin/$tool
  done
  ln -s ld.lld bin/ld
  ln -s $llvm/lib/clang/19/include clang/include
}

lay_headers() {
  include=sysroot/usr/include
  mkdir -p $include/c++
  ln -s $llvm/include/c++/v1 $include/c++/v1
  unzip -q "$zig" 'ziglang/lib/libc/include/*-musl/*' 'ziglang/lib/libc/include/*-linux-any/*' -d unpacked
  musl=unpacked/ziglang/lib/libc/include
  cp -r $musl/generic-musl/. $musl/any-linux-any/. $include/
  java=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")/include
  # Android's jni.h says what is attached: a JNIEnv**, where a JDK's says void**.
  sed '/AttachCurrentThread/s/void \*\*penv/JNIEnv **penv/' "$java/jni.h" >$include/jni.h
  cp "$java/linux/jni_md.h" $include/
}

# lay_target TRIPLE CLANG_TRIPLE CLANG_NAME MUSL LINUX BIONIC
lay_target() {
  include=sysroot/usr/include/$1
  libraries=sysroot/usr/lib/$1
  mkdir -p $include $libraries
  cp -r $musl/$4/. $musl/$5/. "$here"/include/. $include/
  # Where long has 32 bits, musl of today counts time in 64, and calls functions of other names for it; bionic does not.
  case $1 in arm-*) sed -i -e '/define _REDIR_TIME64/d' -e 's/typedef _Int64 time_t/typedef long time_t/' $include/bits/alltypes.h ;; esac
  flags="--target=$2 -resource-dir=clang --sysroot=sysroot"
  objects="$flags -O2 -fPIC -ffunction-sections -fvisibility=hidden -c"
  case $1 in aarch64-*) objects="$objects -mno-outline-atomics" ;; esac
  for library in libc libm libdl liblog; do
    python3 "$here/stub.py" unpacked/android/sdk23/$6/$library.so $1 >stub.s
    bin/clang $flags -shared -nostdlib -Wl,-soname,$library.so stub.s -o $libraries/$library.so
  done
  bin/clang $objects "$here/start.c" -o $libraries/crtbegin_so.o
  bin/clang $objects -DPROGRAM "$here/start.c" -o $libraries/crtbegin_dynamic.o
  for end in crtend_so crtend_android; do bin/clang $objects -x c /dev/null -o $libraries/$end.o; done
  bin/clang++ $objects -std=c++20 -fno-exceptions -fno-rtti "$here/runtime.cc" -o runtime.o
  bin/clang $objects "$here/builtins.c" -o builtins.o
  bin/llvm-ar crs $libraries/libc++.a runtime.o
  # As in an NDK, -lc++ alone is the library of another file. We have none: who asks for it by mistake fails here as well.
  echo 'INPUT(-lc++_shared)' >$libraries/libc++.so
  bin/llvm-ar crs clang/lib/linux/libclang_rt.builtins-$3-android.a builtins.o
  for library in libunwind libatomic; do bin/llvm-ar crs $libraries/$library.a; done
}

fetch
work=$(mktemp -d "$android/lay.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
lay_tools
lay_headers
unzip -q "$bionic" 'android/sdk23/lib*/*' -d unpacked
lay_target aarch64-linux-android aarch64-linux-android21 aarch64 aarch64-linux-musl aarch64-linux-any lib64
lay_target arm-linux-androideabi armv7a-linux-androideabi21 arm arm-linux-musl arm-linux-any lib
lay_target x86_64-linux-android x86_64-linux-android21 x86_64 x86_64-linux-musl x86-linux-any lib64
for part in bin clang sysroot; do
  rm -rf "${android:?}/$part"
  mv $part "$android/"
done
echo "$wanted" >"$android/wanted"
say "ready: $android"
