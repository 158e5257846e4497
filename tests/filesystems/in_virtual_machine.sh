#!/bin/sh
# Run the suites on kernels' own file systems, in a virtual machine, if this kernel has none:
#     sh tests/filesystems/in_virtual_machine.sh [DISK …] [-- TEST …]
# It needs root, qemu-system-x86, busybox-static, cpio and kmod. Debian's kernel is brought by apt and
# only unpacked. The machine sees the files here, but cannot change them; its output is on this terminal.
# Without hardware support, it is some ten times slower than this computer.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download "$(apt-cache depends linux-image-amd64 | awk '/Depends/ { print $2; exit }')" >/dev/null
dpkg-deb -x ./*.deb kernel
version=$(basename kernel/usr/lib/modules/*)
depmod -b kernel/usr "$version" 2>/dev/null || true

mkdir -p start/bin start/modules
cp "$(command -v busybox)" start/bin/
for name in 9pnet_virtio 9p loop vfat exfat ntfs3 ext4 fuse nls_utf8 nls_cp437 nls_iso8859-1 nls_ascii; do
    modprobe -d "$work/kernel/usr" -S "$version" --show-depends "$name"
done | awk '/insmod/ && !seen[$2]++ { print $2 }' >modules
number=100
while read -r module; do
    number=$((number + 1))
    xz -dc "$module" >"start/modules/$number.ko"
done <modules

cat >start/init <<END
#!/bin/busybox sh
busybox() { /bin/busybox "\$@"; }
busybox mkdir -p /proc /sys /dev /host
busybox mount -t proc none /proc
busybox mount -t devtmpfs none /dev
for module in /modules/*; do busybox insmod "\$module"; done
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=500000,cache=loose,ro host /host
for place in tmp dev/shm; do
    [ "\$place" != dev/shm ] || busybox mount -t devtmpfs none /host/dev
    busybox mkdir -p "/host/\$place"
    busybox mount -t tmpfs none "/host/\$place"
done
busybox mount -t proc none /host/proc
busybox mount -t sysfs none /host/sys
busybox ip link set lo up
cd /host
busybox chroot /host /bin/sh -c 'cd "$root"; PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp
    PYTHONDONTWRITEBYTECODE=1; export PATH HOME PYTHONDONTWRITEBYTECODE
    .venv/bin/python -m tests.filesystems $*' 2>&1
echo o >/proc/sysrq-trigger
busybox sleep 9
END
chmod +x start/init
(cd start && find . | cpio -o -H newc 2>/dev/null | gzip -1 >../start.gz)

[ -w /dev/kvm ] && [ -z "${SLOW_MACHINE:-}" ] && accel=kvm || accel=tcg,thread=multi
qemu-system-x86_64 -accel "$accel" -cpu max -m 6G -smp 2 -nographic -no-reboot \
    -kernel "$(echo kernel/boot/vmlinuz-*)" -initrd start.gz \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 rdinit=/init" \
    -fsdev "local,id=files,path=/,security_model=none,readonly=on,multidevs=remap" \
    -device virtio-9p-pci,fsdev=files,mount_tag=host </dev/null
