# packages: nginx curl
prepare() {
	mkdir -p html; echo 'a page' >html/index.html; head -c 300000 /dev/zero >html/large
	cat >nginx.conf <<N
user root; worker_processes 2; pid $PWD/pid; error_log $PWD/error.log; daemon off;
events { worker_connections 64; }
http {
	access_log $PWD/access.log; root $PWD/html; gzip on; sendfile on;
	client_body_temp_path $PWD/body; proxy_temp_path $PWD/proxy; fastcgi_temp_path $PWD/fast;
	uwsgi_temp_path $PWD/uwsgi; scgi_temp_path $PWD/scgi;
	server { listen unix:$PWD/socket; location /up { proxy_pass http://unix:$PWD/socket:/; } }
}
N
}
work() {
	$run nginx -c "$PWD/nginx.conf" 2>/dev/null & local server=$!
	until [ -S socket ] && curl -s --unix-socket socket http://x/ >/dev/null; do sleep 0.05; done
	get() { curl -s --unix-socket socket "http://x/$1" "${@:2}"; }
	get ''; get up/; get large | wc -c; get nothing -o /dev/null -w '%{http_code}\n'
	get '' -H 'Range: bytes=0-2'; echo; get '' -d 'posted' -o /dev/null -w '%{http_code}\n'
	kill -HUP $server; sleep 0.3; get ''
	kill -QUIT $server; wait $server; echo "ends with $?"
}
other() { $run mount -t tmpfs none /mnt; }
refused=mount
