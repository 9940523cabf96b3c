#!/bin/bash
# make_root.sh arm64|armhf DIRECTORY: a Debian 12 with dpkg, gcc, pkg-config and Python, in which nothing of ours is installed. Its packages
# are downloaded by an apt with lists of its own into ~/.cache/pocketbert/linux, unpacked, and entered into dpkg's status as
# installed: nothing has to run under qemu for that, and dependencies of what is installed later are checked.
set -euo pipefail
arch=$1 root=$2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/linux/apt/$arch
packages='base-files dpkg dash libc-bin diffutils sed grep coreutils findutils gcc libc6-dev libstdc++-12-dev pkgconf python3'
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
[ -n "$mirror" ] || { echo "no Debian mirror" >&2; exit 1; }

if [ "$(cat "$cache/wanted" 2>/dev/null)" != "$packages" ]; then
  mkdir -p "$cache/lists/partial" "$cache/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >"$cache/sources.list"
  apt=(apt-get -qq -o Dir::Etc::SourceList="$cache/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$cache"
    -o Dir::State::status=/dev/null -o Dir::Cache="$cache/cache" -o APT::Architecture="$arch" -o APT::Architectures="$arch"
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none)
  rm -f "$cache"/cache/archives/*.deb
  "${apt[@]}" update
  # shellcheck disable=SC2086
  "${apt[@]}" -y --no-install-recommends --download-only install $packages
  echo "$packages" >"$cache/wanted"
fi

admin=$root/var/lib/dpkg
mkdir -p "$admin"/{info,updates,triggers} "$root"/{tmp,proc,sys,dev}
: >"$admin/status"
: >"$root/dev/null"
for file in "$cache"/cache/archives/*.deb; do
  dpkg-deb -x "$file" "$root"
  name=$(dpkg-deb -f "$file" Package)
  if [ "$(dpkg-deb -f "$file" Multi-Arch)" = same ]; then name=$name:$arch; fi
  dpkg-deb --fsys-tarfile "$file" | tar -t | sed 's,^\.,,; s,/$,,; s,^$,/.,' >"$admin/info/$name.list"
  { dpkg-deb -f "$file" | sed '/^Package:/a Status: install ok installed'; echo; } >>"$admin/status"
done
