#!/bin/sh
# packages.sh: see that the packages of the lock file are in node_modules. Ends with 3 where they
# cannot be had, within seconds if the registry does not answer. Needs jlpm on the PATH.
set -eu
cd "$(dirname "$0")"

# Yarn asks for a thousand packages before it gives up, so one is asked for first.
registry_answers() {
    YARN_HTTP_TIMEOUT=8000 YARN_HTTP_RETRY=1 jlpm npm info uplot --fields name >/dev/null 2>&1
}

# What was fetched before is enough.
YARN_ENABLE_NETWORK=0 jlpm install --immutable >/dev/null 2>&1 && exit
registry_answers || exit 3
said=$(YARN_HTTP_TIMEOUT=30000 jlpm install --immutable 2>&1) && exit
printf '%s\n' "$said" | tail -n 20 >&2
# The lock file does not fit package.json: that is for us to mend.
case $said in *YN0028*) exit 1 ;; esac
exit 3
