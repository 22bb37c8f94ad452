#!/usr/bin/env bash
# The steps of set-up that `make` calls, each safe to run again. Says plainly what is missing, and what to do about it.
# Every step takes what this machine has already cached before it asks the network, so a cached machine may be offline.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
stop() { say "upstander: $*"; exit 1; }

# The first Python of 3.11 or later. A name on the path is not enough: version managers leave shims that cannot run.
python_here() {
    local name
    for name in python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s' "$name"
            return
        fi
    done
    stop "Python 3.11 is missing (looked for python3.11, python3 and python). Install it and run make again."
}

# uv's wheel is kept beside the user's other caches: pip asks its index even for what it holds, and a train has no index.
environment() {
    local python wheels
    python="$(python_here)"
    wheels="${XDG_CACHE_HOME:-$HOME/.cache}/upstander/wheels"
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        rm -rf .venv
        "$python" -m venv .venv || stop "$python cannot make a virtual environment. On Debian, install python3-venv."
    fi
    if .venv/bin/uv --version 2>/dev/null | grep -qF "uv $(uv_wanted)"; then return; fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
    mkdir -p "$wheels"
    if ! pip_quiet install --no-index --find-links "$wheels" --require-hashes -r requirements/uv.txt 2>/dev/null; then
        say "upstander: fetching the installer (once)"
        pip_quiet download --only-binary :all: --no-deps --dest "$wheels" --require-hashes -r requirements/uv.txt \
            || stop "the installer could not be fetched, and none is cached. Connect once and run make again."
        pip_quiet install --no-index --find-links "$wheels" --require-hashes -r requirements/uv.txt
    fi
}

pip_quiet() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
uv_wanted() { sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt; }
# The system's certificates, because police and hospital networks inspect traffic with their own.
uv_here() { VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv --quiet --no-config --system-certs "$@"; }

packages() {
    if uv_here pip sync --offline --require-hashes "$@" 2>/dev/null; then return; fi
    say "upstander: fetching the Python packages (once)"
    uv_here pip sync --require-hashes "$@" \
        || stop "the Python packages could not be fetched, and not all are cached. Connect once and run make again."
}

# The second engine: half a gigabyte that only the tests and whoever chooses Spark need.
spark() {
    if uv_here pip install --offline --require-hashes -r requirements/spark.txt 2>/dev/null; then return; fi
    say "upstander: fetching Spark (once, half a gigabyte)"
    uv_here pip install --require-hashes -r requirements/spark.txt \
        || stop "Spark could not be fetched, and is not cached. Connect once and run make again."
}

assets() {
    command -v node >/dev/null 2>&1 || stop "Node 20 is missing. Install it (it brings npm) and run make again."
    # Set-up unpacks a font and builds a style sheet and a script, for which Debian's own Node 18 does as well.
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' \
        || stop "Node 20 is needed (18 will do); this is $(node --version)."
    command -v npm >/dev/null 2>&1 || stop "npm is missing. On Debian, install npm; elsewhere it comes with Node."
    npm ci --silent --prefer-offline --no-audit --no-fund --ignore-scripts \
        || stop "npm could not install its packages. Connect once and run make again."
}

# What a user would pick instead lives apart: the product and its tests never see it.
bench() {
    [ -x .venv-bench/bin/python ] || .venv/bin/uv --quiet --no-config venv --python .venv/bin/python .venv-bench
    VIRTUAL_ENV="$PWD/.venv-bench" .venv/bin/uv --quiet --no-config --system-certs pip sync --require-hashes "$@" \
        || stop "the packages to compare with could not be fetched. Connect once and run make again."
    VIRTUAL_ENV="$PWD/.venv-bench" .venv/bin/uv --quiet --no-config pip install --offline --no-deps \
        --no-build-isolation --editable .
}

product() { uv_here pip install --offline --no-deps --no-build-isolation --editable .; }

lock() {
    local name
    for name in uv base dev spark bench; do
        uv_here pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
            --no-emit-find-links "requirements/$name.in" --output-file "requirements/$name.txt"
    done
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
step="${1:?environment, packages, spark, assets, bench, product or lock}"
shift
"$step" "$@"
