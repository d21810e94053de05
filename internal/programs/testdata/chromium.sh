# packages: chromium
# With its own sandbox, which wants another user than root.
prepare() {
	mkdir page && chmod 777 page
	echo '<p>hello</p><script>document.title = 6 * 7</script>' >page/page.html
}
work() {
	cd page; setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$PWD" \
		chromium --headless --disable-gpu --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
		--dump-dom "file://$PWD/page.html" 2>log | grep -o '<p>.*</p>\|<title>.*</title>'
}
refused=mount
other() { mount -t tmpfs none /mnt; }
