#!/bin/bash
# Makes three Debian packages for bookworm and later (Raspberry Pi OS too) in build/linux/ARCH: pocketbert, libpocketbert0, libpocketbert-dev.
#
#   platforms/linux/package.sh [arm64|armhf|amd64]     by default for this machine, so also on the Pi itself
#
# For another processor it uses Debian's cross compiler, and a command for this machine to convert the demo's checkpoint. The host's
# dpkg stays as it is: there is no libzip and no yaml-cpp in cross builds, whose command refuses PyTorch's .bin files, zipped data sets and
# Rasa's YAML. One commit gives the same bytes each time (on the same Debian; dates are the commit's).

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

here=platforms/linux
machine=$(dpkg --print-architecture)
arch=${1:-$machine}
case $# in 0 | 1) ;; *) arch=usage ;; esac
case $arch in
  amd64) triple=x86_64-linux-gnu toolchain= ;;
  arm64) triple=aarch64-linux-gnu toolchain=aarch64-linux ;;
  armhf) triple=arm-linux-gnueabihf toolchain=armv7-linux ;;
  *) sed -n '4s/^# */usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

out=build/linux/$arch
build=$out/build
version=$(sed -n 's/^project(pocketbert VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH DEB_HOST_ARCH=$arch TZ=UTC LC_ALL=C
umask 022

tool= native=$build
configure_flags=()
if [ "$arch" != "$machine" ]; then
  [ -n "$toolchain" ] || { echo "package.sh: packages for amd64 are made on amd64" >&2; exit 2; }
  tool=$triple-
  native=build/linux/$machine/build
  # The presets link programs statically, for tests; a package has its system's libraries.
  configure_flags=("-DCMAKE_TOOLCHAIN_FILE=$PWD/toolchains/$toolchain.cmake" -DCMAKE_EXE_LINKER_FLAGS=)
fi

setup() {
  say() { echo "   $*"; }
  fail() { echo "package.sh: $*" >&2; exit 1; }
  source toolchains/packages.sh
  toolchains/setup.sh demo
  if [ -n "$tool" ]; then
    install_packages dpkg-dev "g++-${triple//_/-}"
  else
    install_packages dpkg-dev
  fi
}

# compile FOLDER [FLAGS OF CMAKE…] [-- TARGET]
compile() {
  local folder=$1 target=all flags=()
  shift
  while [ $# != 0 ]; do
    if [ "$1" = -- ]; then target=$2; break; fi
    flags+=("$1")
    shift
  done
  mkdir -p "$folder"
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPOCKETBERT_SHARED=ON -DPOCKETBERT_BUILD_TESTS=OFF \
    -DCMAKE_INSTALL_PREFIX=/usr "${flags[@]}" >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; return 1; }
  cmake --build "$folder" --target "$target" | ten_lines
}

# The file is the same for all processors. It holds a threshold, measured on 3,100 sentences: too many for qemu.
model=build/linux/demo.pbert
convert() {
  if [ "$native" != "$build" ]; then compile "$native" -- pocketbert_command; fi
  demo_model "$native/pocketbert" $model
}

# move PACKAGE PATH…: from what cmake installed to the package's own tree.
move() {
  local package=$1 path
  shift
  for path in "$@"; do
    mkdir -p "$out/$package/$(dirname "$path")"
    mv "$out/all/$path" "$out/$package/$path"
  done
}

# control PACKAGE DEPENDS FIELDS DESCRIPTION: what dpkg is told of it, and the file.
control() {
  local package=$1 depends=$2 more=$3 description=$4 tree=$out/$1
  local documents=$tree/usr/share/doc/$package
  mkdir -p "$documents" "$tree/DEBIAN"
  cp $here/debian/copyright "$documents/copyright"
  if [ "$package" = pocketbert ]; then cat $here/debian/copyright.demo >>"$documents/copyright"; fi
  printf 'pocketbert (%s) unstable; urgency=medium\n\n  * Commit %s.\n\n -- %s  %s\n' "$version" "$(git rev-parse --short=12 HEAD)" "$maintainer" \
    "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$documents/changelog.gz"
  chmod -R u=rwX,go=rX "$tree"
  {
    printf 'Package: %s\nSource: pocketbert\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' "$package" "$version" "$arch" "$maintainer"
    printf 'Installed-Size: %s\nDepends: %s\n' "$(du -sk --apparent-size --exclude DEBIAN "$tree" | cut -f1)" "$depends"
    printf '%b' "$more"
    printf 'Priority: optional\nHomepage: https://github.com/pocketbert/pocketbert\nDescription: %b\n' "$description"
  } >"$tree/DEBIAN/control"
  (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/${package}_${version}_$arch.deb" >/dev/null
}

# depends FILE…: the packages with the shared libraries that they need. Those of a cross compiler are named after it: libc6-arm64-cross, libc6:arm64.
depends() {
  local work files=() file
  work=$(mktemp -d)
  for file in "$@"; do files+=("-e$PWD/$file"); done
  mkdir "$work/debian"
  printf 'Source: pocketbert\n\nPackage: pocketbert\nArchitecture: any\n' >"$work/debian/control"
  (cd "$work" && dpkg-shlibdeps -O ${tool:+"-l/usr/$triple/lib"} "${files[@]}" 2>"$work/log") >"$work/found" || { cat "$work/log" >&2; return 1; }
  sed "s/^shlibs:Depends=//; s/-$arch-cross//g; s/:$arch//g" "$work/found"
  rm -rf "$work"
}

maintainer='The pocketbert authors <pocketbert@example.org>'
about=' Text classification, token classification, question answering, fill-mask and\n embeddings by models of the BERT family, converted to one int8 file, in one\n fixed block of memory and without a network.'

pack() {
  local lib=usr/lib/$triple share=usr/share examples=usr/share/doc/pocketbert/examples found
  rm -rf "$out"/{all,pocketbert,libpocketbert0,libpocketbert-dev} "$out"/*.deb
  DESTDIR=$PWD/$out/all cmake --install "$build" --strip >/dev/null
  "${tool}strip" --strip-debug --enable-deterministic-archives "$out/all/$lib/libpocketbert.a"
  "${tool}strip" --strip-unneeded --remove-section=.comment --remove-section=.note "$out/all/$lib/libpocketbert.so.$version" "$out/all/usr/bin/pocketbert"
  gzip -9n "$out/all/$share/man/man1/pocketbert.1"
  mkdir -p "$out/all/$share/pocketbert"
  cp $model "$out/all/$share/pocketbert/demo.pbert"
  mv "$out/all/$share/zsh/site-functions" "$out/all/$share/zsh/vendor-completions"  # Debian's folder for them

  move pocketbert usr/bin/pocketbert $share/man $share/bash-completion $share/zsh $share/fish $share/pocketbert
  mkdir -p "$out/pocketbert/$examples"
  if [ -d $here/examples ]; then cp $here/examples/* "$out/pocketbert/$examples/"; fi
  cp platforms/demo/sentences.txt "$out/pocketbert/$examples/"
  move libpocketbert0 "$lib/libpocketbert.so.0" "$lib/libpocketbert.so.$version"
  move libpocketbert-dev usr/include "$lib/libpocketbert.a" "$lib/libpocketbert.so" "$lib/cmake" "$lib/pkgconfig"
  mkdir -p "$out/libpocketbert-dev/$share/doc/libpocketbert-dev/examples"
  cp tests/include/example.c tests/include/example.cc "$out/libpocketbert-dev/$share/doc/libpocketbert-dev/examples/"
  found=$(find "$out/all" ! -type d)
  [ -z "$found" ] || { echo "in no package: $found" >&2; return 1; }

  # What the linker looks for after an update, and which package has it.
  mkdir -p "$out/libpocketbert0/DEBIAN"
  echo "libpocketbert 0 libpocketbert0 (>= $version)" >"$out/libpocketbert0/DEBIAN/shlibs"
  echo "activate-noawait ldconfig" >"$out/libpocketbert0/DEBIAN/triggers"

  found=$(depends "$out/pocketbert/usr/bin/pocketbert")
  control pocketbert "$found" 'Section: science\n' "BERT-class text understanding on the device, command\n$about\n .\n The command converts checkpoints of Hugging Face's formats, answers, measures;\n a small model that detects intents comes along."
  found=$(depends "$out/libpocketbert0/$lib/libpocketbert.so.$version")
  control libpocketbert0 "$found" 'Section: libs\nMulti-Arch: same\n' "BERT-class text understanding on the device, library\n$about\n .\n This is the shared library, with an interface in C."
  control libpocketbert-dev "libpocketbert0 (= $version), libc6-dev, libstdc++-12-dev | libstdc++-dev" 'Section: libdevel\nMulti-Arch: same\n' \
    "BERT-class text understanding on the device, development\n$about\n .\n These are the headers for C and C++, the static archive, the CMake package and\n what pkg-config reads."
  ls -l "$out"/*.deb | awk '{print "   " $9 "  " $5 " bytes"}'
}

mkdir -p "$out"
step "1/4 Set-up" setup
step "2/4 Build for $arch" compile "$build" -DCMAKE_INSTALL_LIBDIR="lib/$triple" "${configure_flags[@]}"
step "3/4 Convert the demo's checkpoint" convert
step "4/4 Pack" pack
