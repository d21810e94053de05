# packages: apt
# Its own lists: those of the machine stay as they are.
prepare() { mkdir -p lists/partial archives/partial; chmod 755 .; }
work() {
	apt-get -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none update >log 2>&1
	echo "ends with $?"; ls lists | grep -c _Packages
}
refused=mount
other() { mount -t tmpfs none /mnt; }
