#!/bin/bash -eu
# Builds the fuzz targets as OSS-Fuzz wants them: its compilers, flags and engine come in CC, CXX, CFLAGS, CXXFLAGS and
# LIB_FUZZING_ENGINE, targets and their corpora go to $OUT. Not run there yet: see project.yaml.

cd "$SRC/pocketbert"

# POCKETBERT_SANITIZE stays off: the sanitizer is in the flags, for XNNPACK and all else too. NDEBUG is off as in our own fuzz build.
# Kernels for newer CPUs than the fuzzing machines have are chosen while running, as on any machine.
# libzip is linked statically, because nothing but $OUT is there when targets run.
cmake -S . -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=None -DPOCKETBERT_FUZZ=ON -DPOCKETBERT_BUILD_COMMAND=OFF \
  -DPOCKETBERT_INSTALL=OFF -DPOCKETBERT_UNITY=OFF -DPOCKETBERT_ZIP_LIBRARY="$(pkg-config --static --libs libzip | sed 's/-lzip/-l:libzip.a/; s/ /;/g')"
cmake --build "$WORK/build" --target fuzz_targets

for target in "$WORK"/build/*_fuzz; do
  name=$(basename "$target")
  unit=${name%_fuzz}
  cp "$target" "$OUT/"
  folders=()
  for folder in tests/fuzz/seeds/$unit tests/fuzz/kept/$unit; do
    if [ -d "$folder" ]; then folders+=("$folder"); fi
  done
  zip -q -j "$OUT/${name}_seed_corpus.zip" $(find "${folders[@]}" -type f)
  if [ -f "tests/fuzz/$unit.dict" ]; then cp "tests/fuzz/$unit.dict" "$OUT/$name.dict"; fi
done
