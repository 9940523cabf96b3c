#!/bin/sh
# Measures LiteRT with its XNNPACK delegate and pocketbert in alternation and prints the ratios (--help says more).
# The first run makes a virtual environment with LiteRT from PyPI beside the downloaded sources.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POCKETBERT_LITERT_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/litert}
if ! "$venv/bin/python3" -c 'import ai_edge_litert, flatbuffers, numpy, safetensors' 2>/dev/null; then
  echo "against_litert: installing LiteRT into $venv" >&2
  python3 -m venv "$venv" || { echo "against_litert: python3 cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }
  "$venv/bin/pip" install --quiet ai-edge-litert==2.3.0 flatbuffers numpy safetensors ||
    { echo "against_litert: LiteRT could not be installed from PyPI (it has wheels for x86-64 and aarch64)" >&2; exit 1; }
fi
exec "$venv/bin/python3" "$here/against_litert.py" "$@"
