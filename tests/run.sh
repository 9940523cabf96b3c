#!/bin/bash
# Builds and runs every test: does its own set-up, and ends with ctest's summary of all that ran.
#
#   tests/run.sh [--all]
#
# release         the code that ships, and the tests that drive the command
# dev             the C++ tests by clang 19 under ASan and UBSan, warnings being errors
# aarch64-linux   the C++ tests under qemu, as a core with dot products and as one without
# armv7-linux     the C++ tests under qemu
# With --all also the first two by the other compiler, the command in every build, a build for size, Android's libraries, whole data
# sets where a part is taken otherwise, and half a minute of fuzzing for each target of tests/fuzz (whose seeds and kept inputs are
# tests of dev).
#
# Results: build/tests/results.xml (JUnit), build/tests/Testing/Temporary/LastTest.log (everything that was printed).

source "$(dirname "${BASH_SOURCE[0]}")/../toolchains/steps.sh"

presets='release dev aarch64-linux armv7-linux'
group=tests
case ${1-} in
  '') ;;
  --all)
    presets="$presets release-clang dev-gcc" group=tests-all
    export POCKETBERT_ALL=1 # tests that take minutes run too
    ;;
  *) echo "usage: tests/run.sh [--all]" >&2; exit 2 ;;
esac

step "Set-up: packages, pinned sources, Python" toolchains/setup.sh $group
for preset in $presets; do
  # The command is half of a build and is tried in the release build alone, so the others do without it.
  case $group:$preset in
    tests:release | tests-all:*) step "Build: $preset" build $preset ;;
    *) step "Build: $preset" build $preset pbert_tests ;;
  esac
done
if [ $group = tests-all ]; then
  step "Build: size" build size
  # What they are built with comes from PyPI and Maven Central. Where those cannot be reached, tests/android says that it was skipped.
  if toolchains/android/setup.sh; then
    for abi in arm64-v8a armeabi-v7a x86_64; do step "Build: android-$abi" build android-$abi pocketbert_jni; done
  fi
fi

# One ctest over all build directories: a directory of tests whose subdirectories they are.
rm -rf build/tests
mkdir -p build/tests
for preset in $presets; do
  echo "subdirs(\"$PWD/build/$preset\")"
done >build/tests/CTestTestfile.cmake
echo "== Test"
status=0
ctest --test-dir build/tests --output-on-failure --no-tests=error --parallel "$(nproc)" --output-junit results.xml \
  --test-output-size-passed 1000000 --test-output-size-failed 1000000 || status=$?
if [ $group = tests-all ]; then
  step "Fuzz: half a minute for each target" tests/fuzz/run.sh 0.5
fi
exit $status
