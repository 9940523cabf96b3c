#!/bin/bash
# Builds the WebAssembly module and from it the npm package (build/web/package); then the page that needs neither server nor network
# (build/web/intents.html), for which it builds the native command and converts the demonstration's model.
#
#   platforms/web/build.sh            all
#   platforms/web/build.sh package    without the page

case $#:${1-} in
  0:) steps=3 ;;
  1:package) steps=2 ;;
  *) echo "usage: platforms/web/build.sh [package]" >&2; exit 2 ;;
esac

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

command -v emcc >/dev/null || { echo "platforms/web: emcc: not found: apt-get install --no-install-recommends emscripten" >&2; exit 1; }
export NODE_PATH=/usr/share/nodejs  # where Debian keeps the acorn that Emscripten asks for, whichever node runs it

web=platforms/web
package=build/web/package
model=build/demo/intent.pbert

pack() {
  rm -rf $package
  mkdir -p $package
  cp $web/{package.json,pocketbert.js,session.js,memory.js,pocketbert.d.ts,README.md} LICENSE build/web/web/pocketbert-wasm.{mjs,wasm} $package/
  chmod 644 $package/*
  echo "   $package: $(stat -c %s $package/pocketbert-wasm.wasm) bytes of WebAssembly, $(gzip -9c $package/pocketbert-wasm.wasm | wc -c) with gzip"
}

page() {
  build release pocketbert_command
  demo_model build/release/pocketbert $model
  node $web/make_page.mjs $package $model build/web/intents.html
  echo "   build/web/intents.html"
}

step "1/$steps Build: WebAssembly" build web pocketbert_web
step "2/$steps Package" pack
if [ $steps = 3 ]; then
  step "3/3 Page" page
fi
