# For the scripts that set up, build and run something (source it): steps that say what they do, show that they are alive and name
# themselves when they fail.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# step TITLE COMMAND…: a function ends at its first command that fails, which "function || status=$?" would hide from it.
step() {
  local title=$1 status start=$SECONDS
  shift
  echo "== $title"
  set +e
  (set -e; "$@")
  status=$?
  set -e
  if [ $status != 0 ]; then
    echo "FAILED: $title (status $status)" >&2
    exit $status
  fi
  echo "== $title: done in $((SECONDS - start)) s"
}

# ninja rewrites one line on a terminal. Elsewhere its thousand lines become ten, and what a compiler says comes through.
ten_lines() {
  awk '
    match($0, /^\[[0-9]+\/[0-9]+\] /) {
      split(substr($0, 2), n, /[\/\]]/)
      tenth = int(10 * n[1] / n[2])
      if (tenth != shown) { shown = tenth; print "   built " n[1] " of " n[2]; fflush() }
      next
    }
    { print; fflush() }'
}

# build PRESET [TARGET…]: configures only when that is due, as it takes five seconds that a second run need not spend.
build() {
  local preset=$1 directory=build/$1 log
  shift
  log=$directory/configure.log
  mkdir -p "$directory"
  if [ ! -f "$directory/build.ninja" ] || [ ! -f "$directory/configured" ] || [ CMakePresets.json -nt "$directory/configured" ] ||
    [ "${POCKETBERT_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/venv}/wanted" -nt "$directory/configured" ]; then
    echo "   configuring $directory"
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    touch "$directory/configured"
  fi
  if [ -t 1 ]; then
    cmake --build --preset "$preset" ${1+--target "$@"}
  else
    cmake --build --preset "$preset" ${1+--target "$@"} | ten_lines
  fi
}

# demo_model COMMAND FILE: the demonstration's model. It takes the command several seconds, so only when something that goes into the
# file, or the command, whose format may be another one, is newer.
demo_model() {
  mkdir -p "$(dirname "$2")"
  if [ -z "$(find "$1" platforms/demo/checkpoint platforms/demo/validation.csv -newer "$2" 2>&1)" ]; then
    echo "   $2 is up to date"
  else
    "$1" convert platforms/demo/checkpoint -o "$2" --eval platforms/demo/validation.csv
  fi
}
