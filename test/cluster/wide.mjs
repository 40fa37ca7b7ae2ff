// Servers and clients of the wide scenarios. No arguments: serve. `node wide.mjs TIMES URL...`: ask each URL so often, print JSON.
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';

const patience = 2500;

/** http://, tcp:// (the client speaks first) and banner:// (the server does). `#name` sets the Host header. */
const ask = (url) =>
  new Promise((resolve) => {
    const { protocol, hostname, port, hash } = new URL(url.replace(/^\w+:/, 'http:'));
    if (url.startsWith('http:')) {
      const headers = { connection: 'close', ...(hash && { host: hash.slice(1) }) };
      const request = http.get({ hostname, port, path: '/', timeout: patience, headers }, (response) => {
        let body = '';
        response.on('data', (data) => { body += data; });
        response.on('end', () => {
          let answer = {};
          try { answer = JSON.parse(body); } catch { answer = { error: body.slice(0, 120) }; }
          resolve({ ok: response.statusCode === 200 && 'server' in answer, status: response.statusCode, ...answer });
        });
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', (error) => resolve({ ok: false, error: error.code ?? error.message }));
      return;
    }
    const socket = net.connect({ host: hostname, port: Number(port) }, () => url.startsWith('tcp:') && socket.write('hello\n'));
    socket.setTimeout(patience, () => socket.destroy(new Error('timeout')));
    let got = '';
    socket.on('data', (data) => { got += data; socket.end(); });
    socket.on('error', (error) => resolve({ ok: false, error: error.code ?? error.message }));
    socket.on('close', () => resolve(/^[a-z0-9-]+\n$/.test(got) ? { ok: true, server: got.trim() } : { ok: false, error: `closed, got ${JSON.stringify(got.slice(0, 40))}` }));
  });

const askOften = async (times, url) => {
  const answers = [];
  for (let i = 0; i < times; i += 1) answers.push(await ask(url));
  return answers;
};

const [times, ...urls] = process.argv.slice(2);
if (urls.length > 0) {
  console.log(JSON.stringify(await Promise.all(urls.map((url) => askOften(url.startsWith('http:') ? Number(times) : 2, url)))));
} else {
  for (const port of [8080, 8081]) {
    http
      .createServer((request, response) => {
        const certificate = request.headers['x-forwarded-client-cert'];
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ server: os.hostname(), port, mtls: Boolean(certificate) }));
      })
      .listen(port);
  }
  net.createServer((socket) => { socket.on('error', () => {}); socket.once('data', () => socket.end(`${os.hostname()}\n`)); }).listen(9000);
  net.createServer((socket) => { socket.on('error', () => {}); socket.end(`${os.hostname()}\n`); }).listen(9100);
  process.on('SIGTERM', () => process.exit(0));
}
