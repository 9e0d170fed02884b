#!/usr/bin/env bash
# engine.sh: make sure that a Docker engine answers; on Debian as root, install and start one where none does.
set -eu
cd "$(dirname "$0")/.."

socket=unix:///var/run/docker.sock
log=/var/log/aidev-dockerd.log
lock=/var/lock/aidev-engine.lock

answers() {
    command -v docker >/dev/null && docker --host "${DOCKER_HOST:-$socket}" info >/dev/null 2>&1
}

give_up() {
    printf '%s\n' "$@" >&2
    exit 2
}

on_debian_as_root() {
    [ "$(id -u)" = 0 ] && grep -qsx 'ID=debian' /etc/os-release
}

# A pid file may name a program that is dead but not reaped, or, after the machine was off, another program.
forget_stale() {
    local pid_file=$1 program=$2
    [ -f "$pid_file" ] || return 0
    [[ $(readlink "/proc/$(cat "$pid_file")/exe") == */$program ]] || rm -f "$pid_file"
}

start_engine() {
    echo "Starting dockerd; its log is $log" >&2
    forget_stale /var/run/docker.pid dockerd
    forget_stale /var/run/docker/containerd/containerd.pid containerd
    setsid nohup dockerd --iptables=false --bridge=none --storage-driver=overlay2 </dev/null >"$log" 2>&1 9>&- &
    local pid=$!
    for _ in $(seq 300); do
        answers && return
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    give_up "dockerd does not answer. Its last words are above; the whole log is $log"
}

answers && exit
[ -z "${DOCKER_HOST:-}" ] || give_up "No Docker engine answers at DOCKER_HOST=$DOCKER_HOST." \
    "Start that engine, or unset DOCKER_HOST to use the one of this machine."
on_debian_as_root || give_up "No Docker engine answers at $socket." \
    "Install Docker (https://docs.docker.com/engine/install), start it and make sure that you may use its socket," \
    "or set DOCKER_HOST to an engine elsewhere. On Debian, root gets one by this same command."

exec 9>"$lock"
flock 9
answers && exit
command -v dockerd >/dev/null && command -v docker >/dev/null || scripts/need.sh docker.io ""
answers || start_engine
