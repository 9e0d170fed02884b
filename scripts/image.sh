#!/usr/bin/env bash
# image.sh: build the sandbox image, unless the one that belongs to the files of this folder is there.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

have() {
    docker image inspect "$1" >/dev/null 2>&1
}

# Sets `base`: Debian with its Python, made on this machine where that is possible, else the official image.
base_image() {
    base=python:3.11-slim-bookworm
    if [ "$(id -u)" = 0 ] && grep -qsx 'ID=debian' /etc/os-release; then
        base=aidev-sandbox-base:bookworm
        have "$base" || make_debian
    fi
    have "$base" || docker pull "$base" >&2
}

make_debian() {
    command -v mmdebstrap >/dev/null || scripts/need.sh mmdebstrap ""
    echo "Making the base image $base" >&2
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv bookworm "$context/rootfs.tar"
    docker import "$context/rootfs.tar" "$base" >/dev/null
    rm "$context/rootfs.tar"
}

# The wheels are chosen for the engine's machine, whatever this one is.
download_wheels() {
    local machine platforms=()
    machine=$(docker version --format '{{.Server.Arch}}' | sed 's/amd64/x86_64/; s/arm64/aarch64/')
    for tag in manylinux_2_28 manylinux_2_27 manylinux_2_24 manylinux2014; do
        platforms+=(--platform "${tag}_$machine")
    done
    "$python" -m pip download -qq --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --python-version 3.11 --implementation cp "${platforms[@]}" \
        --dest "$context/wheels" --requirement tools/sandbox/image/requirements.txt
}

image=$("$python" -m tools.sandbox.image)
have "$image" && exit

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
base_image
echo "Building the sandbox image $image" >&2
download_wheels
cp -r tools/sandbox/image/. "$context"
mkdir "$context/inside"
cp tools/sandbox/inside/*.py "$context/inside"
docker build --quiet --network none --build-arg BASE="$base" --tag "$image" "$context" >/dev/null
