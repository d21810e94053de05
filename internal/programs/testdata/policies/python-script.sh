# packages: python3
work() {
	$run python3 - <<'P'
import ctypes, hashlib, json, os, socket, sqlite3, subprocess, tempfile, threading
rows = []
threads = [threading.Thread(target=rows.append, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(rows), hashlib.sha256(b"x").hexdigest()[:8], json.dumps({"a": 1}))
print(subprocess.run(["uname", "-s"], capture_output=True, text=True).stdout.strip())
with tempfile.TemporaryDirectory() as d:
    open(os.path.join(d, "f"), "w").write("text")
    print(os.listdir(d))
a, b = socket.socketpair()
a.send(b"over a socket"); print(b.recv(99))
P
}
refused=mount
other() {
	$run python3 -c 'import ctypes; c = ctypes.CDLL(None, use_errno=True)
assert c.mount(b"none", b"/mnt", b"tmpfs", 0, None) == 0, ctypes.get_errno()'
}
