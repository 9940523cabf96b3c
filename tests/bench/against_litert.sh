#!/bin/sh
# Measures LiteRT with its XNNPACK delegate and pocketbert in alternation and prints the ratios (--help says more).
# The first run makes a virtual environment with LiteRT from PyPI beside the downloaded sources.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/litert_venv.sh"
exec "$venv/bin/python3" "$here/against_litert.py" "$@"
