// Stoplight Prism between a client and the simulator: every request and every answer is held against openapi.yaml. Prism
// itself speaks HTTP only, so an HTTPS front stands before it.
'use strict';

const http = require('http');
const https = require('https');
const net = require('net');
const path = require('path');
const { spawn } = require('child_process');

const { listen, readBody } = require('./wire');

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function startPrism(graph, caFile, port) {
  const program = path.join(__dirname, 'node_modules', '@stoplight', 'prism-cli', 'dist', 'index.js');
  const prism = spawn(process.execPath, [program, 'proxy', path.join(__dirname, 'openapi.yaml'), graph, '--errors',
    '--port', String(port), '--host', '127.0.0.1'], { env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile } });
  process.on('exit', () => prism.kill());
  return new Promise((resolve, reject) => {
    let words = '';
    const listening = (chunk) => {
      words += chunk;
      if (/listening/i.test(words)) {
        resolve();
      }
    };
    prism.stdout.on('data', listening);
    prism.stderr.on('data', listening);
    prism.on('exit', () => reject(new Error(`Prism ended: ${words}`)));
  });
}

class Validator {
  constructor() {
    this.violations = [];
    this.answers = 0;
  }

  async start(graph, certificates) {
    const port = await freePort();
    await startPrism(graph, certificates.ca_file, port);
    const front = https.createServer({ key: certificates.key, cert: certificates.certificate },
      async (request, response) => this.pass(request, await readBody(request), port, response));
    return `https://localhost:${await listen(front)}`;
  }

  pass(request, body, port, response) {
    const headers = { ...request.headers };
    delete headers['accept-encoding']; // Prism reads the answer
    const onward = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers }, async (answer) => {
      const content = await readBody(answer);
      this.answers += 1;
      if (answer.headers['sl-violations'] || /stoplight\.io\/prism/.test(content)) {
        this.violations.push(`${request.method} ${request.url.slice(0, 80)}: ${answer.headers['sl-violations'] || content}`);
      }
      const kept = { ...answer.headers, 'content-length': Buffer.byteLength(content) };
      delete kept['transfer-encoding'];
      delete kept['content-encoding'];
      response.writeHead(answer.statusCode, kept).end(content);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }
}

module.exports = { Validator };
