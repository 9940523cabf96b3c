#!/bin/bash
# Converts the bundled DistilBERT to int8, detects the intent of a dozen sentences with it, measures it beside fp32, and offers a
# prompt. Does its own set-up; a second run takes seconds.
#
#   platforms/demo/run.sh [--no-prompt]

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

prompt=yes
case ${1-} in
  '') ;;
  --no-prompt) prompt=no ;;
  *) echo "usage: platforms/demo/run.sh [--no-prompt]" >&2; exit 2 ;;
esac

demo=platforms/demo
pocketbert=build/release/pocketbert
model=build/demo/intent.pbert

detect() {
  $pocketbert run $model --reject --table <$demo/sentences.txt
}

measure() {
  $pocketbert eval $model $demo/sample.csv --reference $demo/checkpoint
}

step "1/5 Set-up: packages and pinned sources" toolchains/setup.sh demo
step "2/5 Build: the pocketbert command (two minutes the first time)" build release pocketbert_command
step "3/5 Convert: DistilBERT to one int8 file, reject threshold from the validation split" demo_model $pocketbert $model
step "4/5 Run: the intent of twelve sentences" detect
step "5/5 Evaluate: int8 beside fp32 on 450 sentences with a known intent and 100 out of scope" measure

if [ $prompt = yes ] && [ -t 0 ]; then
  $pocketbert chat $model
fi
