#!/usr/bin/env bash
# venv.sh LOCKFILE: make .venv hold exactly what the lock file says, and `aidev` from this folder.
set -eu
cd "$(dirname "$0")/.."

find_python() {
    local candidate
    for candidate in python3.11 python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

made_here() {
    grep -qsF " $PWD/.venv" .venv/pyvenv.cfg && .venv/bin/python -c ''
}

command -v git >/dev/null || scripts/need.sh git "xcode-select --install"
if ! made_here; then
    python=$(find_python) || {
        scripts/need.sh "python3 python3-venv" "brew install python@3.11"
        python=$(find_python) || {
            echo "Python 3.11 or newer is needed; this system offers $(python3 --version). See https://www.python.org/downloads" >&2
            exit 2
        }
    }
    "$python" -m venv --clear .venv
fi

rm -f .venv/core-* .venv/dev-*
echo "Installing $1 into .venv" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=true  # an organisation's own CA is there
uv=(.venv/bin/uv --quiet pip)
"${uv[@]}" sync --python .venv/bin/python --require-hashes --build-constraints "$1" "$1"
"${uv[@]}" install --python .venv/bin/python --offline --no-deps --no-build-isolation --editable .

# Packages with names as generic as ours (`tools`, `server`) must not win over them.
.venv/bin/python - <<'END'
import pathlib
import sysconfig

first = f"import sys; sys.path.insert(0, {ascii(str(pathlib.Path.cwd()))})\n"
pathlib.Path(sysconfig.get_path("purelib"), "aidev_first.pth").write_text(first)
END
