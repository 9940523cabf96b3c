#!/bin/bash
# Builds the WebAssembly module, the npm package (build/web/package) and the page that needs neither server nor network
# (build/web/intents.html). Needs Debian's emscripten and, for the page, the native command.
#
#   platforms/web/build.sh

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

command -v emcc >/dev/null || { echo "platforms/web: emcc: not found: apt-get install --no-install-recommends emscripten" >&2; exit 1; }
export NODE_PATH=/usr/share/nodejs  # where Debian keeps the acorn that Emscripten asks for, whichever node runs it

web=platforms/web
package=build/web/package
model=build/demo/intent.pbert

pack() {
  rm -rf $package
  mkdir -p $package
  cp $web/{package.json,pocketbert.js,pocketbert.d.ts,README.md} LICENSE build/web/web/pocketbert-wasm.{mjs,wasm} $package/
  chmod 644 $package/*
  echo "   $package: $(stat -c %s $package/pocketbert-wasm.wasm) bytes of WebAssembly, $(gzip -9c $package/pocketbert-wasm.wasm | wc -c) with gzip"
}

page() {
  if [ ! -f $model ]; then
    build release pocketbert_command
    mkdir -p build/demo
    build/release/pocketbert convert platforms/demo/checkpoint -o $model --eval platforms/demo/validation.csv
  fi
  node $web/make_page.mjs $package $model build/web/intents.html
  echo "   build/web/intents.html"
}

step "1/3 Build: WebAssembly" build web pocketbert_web
step "2/3 Package" pack
step "3/3 Page" page
