# For scripts that need LiteRT (source it): a virtual environment in $venv, made by the first that asks, beside the downloaded sources.

venv=${POCKETBERT_LITERT_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/litert}
litert_version=2.3.0
if ! "$venv/bin/python3" -c 'import ai_edge_litert, flatbuffers, numpy, safetensors' 2>/dev/null; then
  echo "LiteRT: installing $litert_version into $venv" >&2
  python3 -m venv "$venv" || { echo "LiteRT: python3 cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }
  "$venv/bin/pip" install --quiet ai-edge-litert==$litert_version flatbuffers numpy safetensors ||
    { echo "LiteRT: it could not be installed from PyPI (which has wheels for x86-64 and aarch64)" >&2; exit 1; }
fi
