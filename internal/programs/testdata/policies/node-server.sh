# packages: node:nodejs
work() {
	cat >server.js <<'J'
const http = require('http'), fs = require('fs'), {execFileSync} = require('child_process');
const {Worker} = require('worker_threads');
const server = http.createServer((q, r) => r.end('hello ' + q.url)).listen(0, '127.0.0.1', () =>
  http.get({port: server.address().port, path: '/there', agent: false}, r => {
    r.on('data', d => console.log('' + d)).on('end', () => server.close());
    fs.writeFileSync('f', 'text');
    console.log(fs.readFileSync('f', 'utf8'));
    new Worker('require("worker_threads").parentPort.postMessage(42)', {eval: true})
      .on('message', m => console.log('worker', m));
  }));
J
	$run node server.js | sort
}
refused=unshare
other() { $run unshare --user true; }
