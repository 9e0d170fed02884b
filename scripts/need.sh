#!/usr/bin/env bash
# need.sh "debian packages" "how to get them on macOS": install them, or say what is missing and how to get it.
set -eu

read -ra packages <<<"$1"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $1" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
    exit
fi
cat >&2 <<END
Missing: $1. Install it, then run the same command again:
    Debian, Ubuntu   sudo apt-get install $1
    macOS            $2
END
exit 2
