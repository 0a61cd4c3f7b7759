#!/usr/bin/env bash
# Make .venv hold exactly what the lock files say: `setup.sh run` for using Arasha, `setup.sh dev`
# for checking and testing it, too. Needs Python >= 3.11 and nothing else. Does nothing, in a few
# milliseconds, when the locks have not changed since the last time.
#
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

want=${1:?run or dev}
venv=.venv
newest_tested=14 # minor version; a newer Python is taken only where there is no other

say() { printf '%s\n' "$*" >&2; }

minor_version() { # minor_version PYTHON: its minor version if it runs and is Python >= 3.11
    "$1" -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(1); print(v.minor)' \
        2>/dev/null
}

can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

candidates() { # from the newest down; then what is newer than we have tested
    if [ -n "${PYTHON:-}" ]; then
        echo "$PYTHON"
        return
    fi
    local minor
    for minor in $(seq "$newest_tested" -1 11); do echo "python3.$minor"; done
    echo python3
    echo /usr/bin/python3 # where a version manager's stand-in hides it
}

find_python() { # print the first candidate that passes the test given as arguments
    local name
    while read -r name; do
        if minor_version "$name" >/dev/null && "$@" "$name"; then
            command -v "$name"
            return
        fi
    done < <(candidates)
    return 1
}

install_venv_module() { # Debian and Ubuntu ship Python without it
    local fix="apt-get install -y python3-venv"
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "This Python cannot make virtual environments yet: $fix"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $fix; } >&2 </dev/null
    elif command -v apt-get >/dev/null; then
        say "This Python cannot make virtual environments. As root: $fix"
        exit 1
    else
        say "This Python cannot make virtual environments: install its venv and ensurepip modules."
        exit 1
    fi
}

make_venv() {
    local python
    if ! python=$(find_python can_make_venv); then
        if ! find_python true >/dev/null; then
            say "No Python >= 3.11 found. Install one, or name it: make test PYTHON=/path/to/python"
            exit 1
        fi
        install_venv_module
        python=$(find_python can_make_venv) || {
            say "Python still cannot make virtual environments."
            exit 1
        }
    fi
    say "Making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

fingerprint() { # of everything that decides what the environment holds
    cat "requirements/$1.txt" requirements/build.txt requirements/setup.sh pyproject.toml | cksum
    pwd
}

install() { # install NAME: what requirements/NAME.txt locks, then Arasha itself as it stands here
    local python="$venv/bin/python"
    local pip=("$python" -m pip install --quiet --no-input --disable-pip-version-check)
    local locked=(--require-hashes --only-binary=:all:)
    say "Installing what requirements/$1.txt locks"
    "${pip[@]}" "${locked[@]}" -r requirements/build.txt
    "${pip[@]}" "${locked[@]}" -r "requirements/$1.txt"
    "${pip[@]}" --no-deps --no-index --no-build-isolation --editable .
}

stamp=$venv/.installed-$want
if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$want")" ]; then
    exit 0
fi
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
    ! minor_version "$venv/bin/python" >/dev/null; then
    make_venv
fi
install "$want"
fingerprint "$want" >"$stamp"
if [ "$want" = dev ]; then fingerprint run >"$venv/.installed-run"; fi
