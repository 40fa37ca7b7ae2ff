// Servers and clients of the wide scenarios. No arguments: serve. `node wide.mjs TIMES URL...`: ask each URL so often, print JSON.
import dns from 'node:dns/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';

const patience = 3000;

const read = (answer) => {
  try {
    return JSON.parse(answer);
  } catch {
    return { error: answer.slice(0, 120) };
  }
};

const askHttp = (hostname, address, port) =>
  new Promise((resolve) => {
    const headers = { connection: 'close', host: `${hostname}:${port}` };
    const request = http.get({ hostname: address, port, timeout: patience, headers }, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => {
        const answer = read(body);
        resolve({ ok: response.statusCode === 200 && 'server' in answer, status: response.statusCode, ...answer });
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => resolve({ ok: false, error: error.code ?? error.message }));
  });

const askTcp = (address, port, speaksFirst) =>
  new Promise((resolve) => {
    const socket = net.connect({ host: address, port }, () => speaksFirst && socket.write('hello\n'));
    socket.setTimeout(patience, () => socket.destroy(new Error('timeout')));
    let got = '';
    socket.on('data', (data) => {
      got += data;
      socket.end();
    });
    socket.on('error', (error) => resolve({ ok: false, error: error.code ?? error.message }));
    socket.on('close', () => {
      const ok = /^[a-z0-9-]+\n$/.test(got);
      resolve(ok ? { ok, server: got.trim() } : { ok, error: `closed after ${JSON.stringify(got.slice(0, 40))}` });
    });
  });

/** http://, tcp:// (the client speaks first) or banner:// (the server does); each time the next address of the host. */
const askOften = async (url) => {
  const { hostname, port } = new URL(url.replace(/^\w+:/, 'http:'));
  const addresses = await dns.lookup(hostname, { all: true, family: 4 }).catch(() => []);
  if (addresses.length === 0) return [{ ok: false, error: 'unknown host' }];
  const one = (_, index) => {
    const { address } = addresses[index % addresses.length];
    if (url.startsWith('http:')) return askHttp(hostname, address, Number(port || 80));
    return askTcp(address, Number(port), url.startsWith('tcp:'));
  };
  return Promise.all(Array.from({ length: Number(times) }, one));
};

const [times, ...urls] = process.argv.slice(2);
if (urls.length > 0) {
  console.log(JSON.stringify(await Promise.all(urls.map(askOften))));
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
