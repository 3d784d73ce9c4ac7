# Sourced by scripts/test and scripts/screenshots, after environment.sh: sees to it that there is a Chromium.
# chromium.py alone knows where one is looked for. Debian's package is installed where that may be done.

# get_chromium PYTHON: succeed when there is a Chromium; else say what is missing and why it was not installed.
get_chromium() {
    "$1" "$root/scripts/chromium.py" >/dev/null && return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        printf '%s\n' "blacklist: no Chromium; it is installed only as root on Debian: apt-get install chromium, or name one with CHROMIUM=/path/to/it" >&2
        return 1
    fi
    printf '%s\n' "blacklist: installing chromium with apt-get (once) …" >&2
    if ! log=$(apt_get update 2>&1 && apt_get install --no-install-recommends chromium fonts-dejavu-core 2>&1); then
        printf '%s\n' "$log" | tail -n 3 >&2
    fi
    "$1" "$root/scripts/chromium.py" >/dev/null && return 0
    printf '%s\n' "blacklist: no Chromium, and apt-get could not install it" >&2
    return 1
}

# apt_get ARGUMENT...: never asks, and does not wait long for a network that is not there.
apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o DPkg::Lock::Timeout=60 "$@" </dev/null
}
