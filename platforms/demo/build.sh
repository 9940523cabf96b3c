#!/bin/bash
# Makes a bot of the bundled example shop's sentences (12 intents, 25 sentences each, 30 out of scope), asks it, measures it on
# sentences that it has not seen, looks for faults in the sentences, and offers a prompt. Does its own set-up.
#
#   platforms/demo/build.sh [--no-prompt] [ENCODER]
#
# ENCODER is what `pocketbert build --encoder` takes. Without one it is the encoder of the bundled checkpoint, which is here already but
# was trained for another bot's intents; sentence-transformers/all-MiniLM-L6-v2 knows far more.

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

prompt=yes encoder=
for argument in "$@"; do
  case $argument in
    --no-prompt) prompt=no ;;
    -*) echo "usage: platforms/demo/build.sh [--no-prompt] [ENCODER]" >&2; exit 2 ;;
    *) encoder=$argument ;;
  esac
done

shop=platforms/demo/shop
pocketbert=build/release/pocketbert
bot=build/demo/shop.pbert

take_encoder() {
  mkdir -p build/demo
  if [ -z "$encoder" ]; then
    $pocketbert convert platforms/demo/checkpoint --task feature-extraction -o build/demo/encoder.pbert
  fi
}

ask() {
  printf '%s\n' "my parcel still is not here" "do you ship on sundays" "i want my money back" "what is the capital of peru" |
    $pocketbert run $bot --reject --table
}

step "1/6 Set-up: packages and pinned sources" toolchains/setup.sh demo
step "2/6 Build: the pocketbert command (two minutes the first time)" build release pocketbert_command
step "3/6 Encoder: ${encoder:-that of the bundled checkpoint}" take_encoder
step "4/6 Build the bot: a head on the encoder, from 330 sentences" \
  $pocketbert build $shop/sentences.csv -o $bot --encoder "${encoder:-build/demo/encoder.pbert}"
step "5/6 Ask it, and measure it on 126 other sentences" ask
$pocketbert eval $bot $shop/test.csv
step "6/6 Lint: faults in the sentences" $pocketbert lint $shop/sentences.csv --encoder "${encoder:-build/demo/encoder.pbert}" --top 5

if [ $prompt = yes ] && [ -t 0 ]; then
  $pocketbert chat $bot
fi
