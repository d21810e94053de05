#!/bin/sh
# Prints the members of systemd's @system-service, sets within it expanded.
set -eu

expand() {
	systemd-analyze syscall-filter "$1" | sed -n 's/^    \([@a-z0-9_-][@a-z0-9_-]*\)$/\1/p' |
		while read -r member; do
			case $member in
			@*) expand "$member" ;;
			*) echo "$member" ;;
			esac
		done
}

echo "# systemd-analyze syscall-filter @system-service, $(systemd-analyze --version | sed -n 1p)"
expand @system-service | sort -u
