// A forward proxy that knows CONNECT, and which connections it carries.
'use strict';

const http = require('http');
const net = require('net');

class Proxy {
  constructor() {
    this.ports = new Set();
    this.connects = 0;
    this.plain = 0;
    this.server = http.createServer((request, response) => {
      this.plain += 1;
      response.writeHead(502).end();
    });
    this.server.on('connect', (request, client, head) => {
      this.connects += 1;
      const [host, port] = request.url.split(':');
      const upstream = net.connect(Number(port), host === 'localhost' ? '127.0.0.1' : host, () => {
        this.ports.add(upstream.localPort);
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
  }

  carries(port) {
    return this.ports.has(port);
  }
}

module.exports = { Proxy };
