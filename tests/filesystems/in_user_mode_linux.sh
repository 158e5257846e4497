#!/bin/sh
# Run the suites on the kernel's own file systems, in User Mode Linux, if this kernel lacks them:
#     sh tests/filesystems/in_user_mode_linux.sh [DISK …] [-- TEST …]
# It needs Debian's apt, gcc, make and bc, but no hardware support. The first run brings
# Debian's kernel source and builds it in 5 minutes; KERNEL is the file that it makes and uses again.
# That Linux is one process. It sees the files here, but cannot change them; its output is on this terminal.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
kernel=${KERNEL:-${TMPDIR:-/tmp}/user-mode-linux}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() {
    cd "$work"
    source=$(apt-cache depends linux-source | awk '/Depends/ { print $2; exit }')
    apt-get download "$source" flex bison libfl2 m4 >/dev/null
    for package in ./*.deb; do dpkg-deb -x "$package" packages; done
    tar xJf "packages/usr/src/$source.tar.xz"
    cd "$source"
    tools=$work/packages/usr
    export PATH="$tools/bin:$PATH" M4="$tools/bin/m4" BISON_PKGDATADIR="$tools/share/bison"
    export LD_LIBRARY_PATH="$tools/lib/$(gcc -print-multiarch)"
    for name in 64BIT HOSTFS BLOCK BLK_DEV BLK_DEV_LOOP BINFMT_ELF BINFMT_SCRIPT TMPFS PROC_FS SYSFS DEVTMPFS \
        MULTIUSER FUTEX EPOLL EVENTFD SIGNALFD TIMERFD SHMEM AIO INOTIFY_USER FILE_LOCKING \
        ADVISE_SYSCALLS MEMBARRIER POSIX_TIMERS PRINTK TTY UNIX98_PTYS NULL_CHAN NET UNIX INET SYSVIPC \
        STDERR_CONSOLE HIGH_RES_TIMERS NO_HZ_IDLE TMPFS_XATTR EXT4_FS UNICODE VFAT_FS \
        EXFAT_FS NTFS3_FS NLS_CODEPAGE_437 NLS_ISO8859_1 NLS_UTF8 NLS_ASCII; do
        echo "CONFIG_$name=y"
    done >wanted
    make ARCH=um KCONFIG_ALLCONFIG=wanted allnoconfig >/dev/null
    nice make ARCH=um -j2 >/dev/null 2>&1
    cp linux "$kernel"
    cd "$root"
}

[ -x "$kernel" ] || build

cat >"$work/init" <<EOF2
#!/bin/sh
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mkdir -p /dev/shm
mount -t tmpfs none /dev/shm
mount -t tmpfs none /tmp
ip link set lo up
cd "$root"
PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PYTHONDONTWRITEBYTECODE=1
export PATH HOME PYTHONDONTWRITEBYTECODE
.venv/bin/python -m tests.filesystems $*
.venv/bin/python -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321FEDC)'
EOF2
chmod +x "$work/init"
"$kernel" mem=4G root=/dev/root rootfstype=hostfs rootflags=/ ro init="$work/init" \
    con=null con0=fd:0,fd:1 quiet loglevel=1 </dev/null
