# Puts an image together from programs on this machine. Sourced, with HERE set.

base() { # base DIR: a shell, users, and nothing else
  mkdir -p "$1"/{bin,sbin,etc,tmp,usr/local/bin,usr/sbin,var/lib,root,proc,sys,dev,run}; chmod 1777 "$1/tmp"
  local applet; cp /bin/busybox "$1/bin/"; for applet in $(/bin/busybox --list | grep -vx busybox); do ln -sf busybox "$1/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nistio-proxy:x:1337:1337::/tmp:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n' >"$1/etc/passwd"
  printf 'root:x:0:\nistio-proxy:x:1337:\nnode:x:1000:\n' >"$1/etc/group"; }
add() { # add DIR FILE DEST: a program with the shared libraries it needs
  rm -f "$1$3"; install -D "$2" "$1$3"; { ldd "$2" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r so; do [ -e "$1$so" ] || install -D "$(readlink -f "$so")" "$1$so"; done; }
pack() { python3 "$HERE/pack-image.py" "$@"; }
