# Installs Debian packages, for scripts that do their own set-up (source it; for any POSIX shell). They say how to tell the user
# something, say TEXT, and how to give up, fail TEXT.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages PACKAGE…: those that are missing.
install_packages() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "packages: become root, or install these:$missing"
  as_root apt-get -qq update || fail "packages: apt-get update"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=600 install $missing >/dev/null ||
    fail "packages: apt-get install$missing"
}
