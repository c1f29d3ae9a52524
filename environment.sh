#!/bin/sh
# environment.sh VENV ARGUMENT...: make the virtual environment VENV and install into it what
# the arguments tell pip (for instance --editable ".[test]"). uv does it where it is installed,
# else venv and pip. May be repeated: what is there is kept.
set -eu
venv=$1
shift

say() { printf '==> %s\n' "$*"; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.10 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
            2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "No Python 3.10 to 3.13 was found. Install one, or name it: make PYTHON=/path/to/python" >&2
    exit 1
}

if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    say "Making the environment $venv with $("$python" --version)"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --python "$python" "$venv"
    elif ! "$python" -m venv "$venv"; then
        rm -rf "$venv"
        say "This Python cannot make environments; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
fi

if command -v uv >/dev/null 2>&1; then
    uv pip install --python "$venv/bin/python" "$@"
else
    "$venv/bin/python" -m pip install --disable-pip-version-check "$@"
fi
