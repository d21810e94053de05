# packages: bash python3
work() {
	$run bash -c 'seq 1000 | grep 7 | tail -1; cat <(echo substituted)'
	$run python3 -c 'import socket, subprocess
a, b = socket.socketpair()
a.send(b"between children"); print(b.recv(99))
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)'
}
refused=socket
other() { $run bash -c 'echo >/dev/tcp/127.0.0.1/1'; }
