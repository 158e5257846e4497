#!/bin/sh
# Bring the programs that the tests use, where apt can: LibreOffice Writer and Calc without a screen,
# poppler-utils, strace, and Chromium with its driver. Where it cannot, say which tests are left out.
set -u

has_calc() {
    office=$(command -v soffice) && ls "$(dirname "$(readlink -f "$office")")"/libsclo* >/dev/null 2>&1
}

missing=""
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-writer-nogui fonts-liberation"
has_calc || missing="$missing libreoffice-calc-nogui"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"

# Drivers and tools for the disks of other systems; without them, the tests use stand-ins.
disks=""
command -v mkfs.vfat >/dev/null 2>&1 || disks="$disks dosfstools"
command -v mkfs.exfat >/dev/null 2>&1 || disks="$disks exfatprogs"
command -v mount.exfat-fuse >/dev/null 2>&1 || disks="$disks exfat-fuse"
command -v ntfs-3g >/dev/null 2>&1 || disks="$disks ntfs-3g"
[ -n "$missing$disks" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Bringing by apt:$missing$disks"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update >/dev/null 2>&1
    [ -z "$missing" ] || apt-get install -y --no-install-recommends $missing >/dev/null 2>&1
    for program in $disks; do
        apt-get install -y --no-install-recommends "$program" >/dev/null 2>&1
    done
fi

for program in soffice pdftotext strace chromium chromedriver; do
    command -v "$program" >/dev/null 2>&1 && continue
    echo "Skipped: the tests that need $program, which is not here."
    if [ -n "${CI:-}" ]; then exit 1; fi
done
if ! has_calc; then
    echo "Skipped: the tests that need LibreOffice Calc, which is not here."
    if [ -n "${CI:-}" ]; then exit 1; fi
fi
exit 0
