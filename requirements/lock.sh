#!/usr/bin/env bash
# Write the lock files anew from pyproject.toml: the newest releases, each with the hashes of all
# its wheels, so that one file serves every platform, and with no name of a package host in it.
# `make lock` calls this. Each file keeps the pins of the one before it.
set -euo pipefail
cd "$(dirname "$0")/.."

# A pip configuration of this machine must not find its way into the files.
unset PIP_FIND_LINKS PIP_CONSTRAINT PIP_REQUIRE_HASHES

compile() { # compile NAME ARGUMENT...: write requirements/NAME.txt
    local name=$1
    shift
    CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/python -m piptools compile \
        --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --newline=lf \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
        --output-file "requirements/$name.txt" "$@"
}

compile build requirements/build.in
compile run pyproject.toml --constraint requirements/build.txt
compile dev pyproject.toml requirements/dev.in --extra postgresql --extra telemetry \
    --constraint requirements/build.txt --constraint requirements/run.txt
