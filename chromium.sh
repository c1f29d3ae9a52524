#!/bin/sh
# chromium.sh VENV: see that the tests in a browser have one. Without it they are skipped,
# so that none can be had is said and is no error. May be repeated.
set -eu
venv=$1

say() { printf '==> %s\n' "$*"; }

# As tests/browser/chromium.py looks for it.
is_there() {
    [ -n "${TFS_NOTEBOOK_CHROMIUM:-}" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
        command -v "$name" >/dev/null 2>&1 && return
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

# Debian's comes with the libraries it needs, but only root may install it.
install_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    export DEBIAN_FRONTEND=noninteractive
    apt-get update >/dev/null 2>&1 || :
    apt-get install --yes --no-install-recommends chromium >/dev/null 2>&1
}

download() { "$venv/bin/python" -m playwright install --no-shell chromium >/dev/null 2>&1; }

if ! is_there; then
    say "Fetching Chromium for the tests in a browser"
    install_package || download || say "No Chromium can be fetched here: the tests in a browser" \
        "will be skipped. Install one, or name it: TFS_NOTEBOOK_CHROMIUM=/path/to/chrome"
fi
