#!/bin/sh
# Write packaging/requirements.txt: the exact files that a release is built with, for all systems.
# Run it after a change of constraints.txt or pyproject.toml: sh packaging/lock.sh
set -eu
cd "$(dirname "$0")/.."
uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
    --constraints constraints.txt --extra package --output-file packaging/requirements.txt pyproject.toml
