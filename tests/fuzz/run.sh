#!/bin/bash
# Builds the fuzz targets and runs each for some minutes, beginning with its seeds, what was kept and the corpus of earlier runs.
#
#   tests/fuzz/run.sh [MINUTES [TARGET…]]
#
# MINUTES for each target (1; 0.5 is half a minute); TARGET is model, text, … (all). POCKETBERT_FUZZ_JOBS targets at a time (1).
# POCKETBERT_FUZZ_FLAGS are libFuzzer's own: '-fork=1 -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1' goes on after a find.
#
# Inputs with new coverage gather in build/fuzz/corpus/TARGET. An input that crashes, hangs or takes too much memory is written to
# build/fuzz/found/TARGET, and the command that repeats it is printed; once mended it belongs into tests/fuzz/kept/TARGET, where the
# tests of the dev preset run it. Exit status: 0 nothing was found.

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

minutes=${1:-1}
shift || true
seconds=$(awk -v m="$minutes" 'BEGIN { if (m !~ /^[0-9]*\.?[0-9]+$/) exit 1; print int(60 * m) }') || {
  echo "usage: tests/fuzz/run.sh [MINUTES [TARGET...]]" >&2
  exit 2
}
targets=${*:-$(cd tests/fuzz && ls ./*_fuzz.cc | sed 's|./||; s|_fuzz.cc||')}
here=build/fuzz

# detect_leaks: libFuzzer looks for leaks itself, after inputs that malloc more often than they free.
export ASAN_OPTIONS=detect_stack_use_after_return=1:allocator_may_return_null=1:symbolize=1
export UBSAN_OPTIONS=print_stacktrace=1
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-19 || true)
export ASAN_SYMBOLIZER_PATH

# The longest input in bytes: a bound on what one run can cost, and larger than any seed.
longest() {
  case $1 in
    model) echo 65536 ;;
    json | zip) echo 30000 ;;
    text) echo 512 ;;
    *) echo 4096 ;;
  esac
}

fuzz() {
  local target=$1 extra=()
  mkdir -p $here/corpus/$target $here/found/$target
  rm -f $here/found/$target/*  # what a run before has found is in its last report, and is to be kept by hand
  if [ -f tests/fuzz/$target.dict ]; then extra+=(-dict=tests/fuzz/$target.dict); fi
  local known=()
  for folder in tests/fuzz/seeds/$target tests/fuzz/kept/$target; do
    if [ -d $folder ]; then known+=("$folder"); fi
  done
  # An input takes a thousandth of a second: ten seconds are a hang. 1 GB in one piece, or 2 GB in all, is memory that a small file
  # must not be able to ask for.
  $here/${target}_fuzz -max_total_time=$seconds -max_len=$(longest $target) -timeout=10 -malloc_limit_mb=1024 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix=$here/found/$target/ "${extra[@]}" ${POCKETBERT_FUZZ_FLAGS-} $here/corpus/$target "${known[@]}" \
    >$here/$target.log 2>&1
}
export -f fuzz longest
export here seconds

# last EXPRESSION LOG: what the expression's last match in the log captures, or -.
last() { sed -nE "s/.*$1.*/\\1/p" "$2" | tail -1 | grep . || echo -; }

# row TARGET: the table's line, of its log.
row() {
  local log=$here/$1.log
  local runs rate state=clean
  runs=$(last '^stat::number_of_executed_units: *([0-9]+)' $log)
  rate=$(last '^stat::average_exec_per_sec: *([0-9]+)' $log)
  if [ "$runs" = - ]; then  # -fork has no statistics
    runs=$(last '^#([0-9]+): cov:' $log)
    rate=$(last 'exec\/s:? ([0-9]+)' $log)
  fi
  if [ -n "$(ls $here/found/$1)" ]; then state=FOUND; fi
  printf '%-14s %12s %10s %10s %10s  %s\n' $1 $runs $rate "$(last 'cov: ([0-9]+)' $log)" "$(last 'ft: ([0-9]+)' $log)" $state
}

step "Build: fuzz" build fuzz fuzz_targets
echo "== Fuzz: $seconds s for each of" $targets
printf '%s\n' $targets | xargs -P "${POCKETBERT_FUZZ_JOBS:-1}" -I{} bash -c 'fuzz {} || true'

status=0
printf '\n%-14s %12s %10s %10s %10s\n' target executions 'a second' edges features
for target in $targets; do row $target; done
for target in $targets; do
  for input in $here/found/$target/*; do
    [ -e "$input" ] || continue
    status=1
    printf '\n%s: %s\nrepeat: %s_fuzz %s\n' $target "$(last '(SUMMARY: .*|does not hold: .*)' $here/$target.log)" $here/$target "$input"
  done
  if ! grep -aqE '^stat::number_of_executed_units|^INFO: fuzzed for' $here/$target.log; then
    status=1
    echo "$target ended before its time: see $here/$target.log"
  fi
done
exit $status
