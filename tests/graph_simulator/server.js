// A Microsoft Graph of our own, for tests: one tenant behind real HTTPS, with its token endpoint, the metadata service
// of an Azure machine and a forward proxy. Needs Node.js 18 and openssl, nothing else.
//
//   node server.js FOLDER [--validate]
//
// FOLDER receives the certificates. With --validate there is one more address, `validated`: the same Graph behind
// Stoplight Prism (validator.js; needs `npm ci` here before).
//
// Prints one line of JSON with all addresses when everything listens, and ends when standard input closes.
'use strict';

const http = require('http');
const https = require('https');

const { Access } = require('./access');
const { Clock } = require('./clock');
const { Control } = require('./control');
const { Faults } = require('./faults');
const { GraphApi } = require('./graph_api');
const { Proxy } = require('./proxy');
const { Tenant } = require('./tenant');
const { Validator } = require('./validator');
const { createCertificates } = require('./certificates');
const { listen, overruled, readBody, respond, respondFaulty } = require('./wire');
const { metadataService } = require('./metadata_service');
const { tokenEndpoint } = require('./token_endpoint');

async function main(folder, validate) {
  const certificates = createCertificates(folder);
  const clock = new Clock();
  const tenant = new Tenant(clock);
  const access = new Access(clock);
  const faults = new Faults();
  const log = [];
  const graph = new GraphApi({ tenant, access, faults, clock, log });

  const secure = https.createServer({ key: certificates.key, cert: certificates.certificate, keepAliveTimeout: 600000 },
    async (request, response) => {
      const arrived = performance.now();
      const body = await readBody(request);
      const fault = faults.take(request.method, request.url, 'outer');
      const seen = { method: request.method, url: request.url, headers: request.headers,
        via_proxy: proxy.carries(request.socket.remotePort), arrived_ms: arrived };
      log.push(seen);
      response.on('finish', () => { seen.answered_ms = performance.now(); });
      const answer = request.url.includes('/oauth2/v2.0/token')
        ? overruled(tokenEndpoint(access, addresses, request, body), fault)
        : graph.answer({ method: request.method, url: request.url, headers: request.headers, body }, fault);
      respondFaulty(request, response, answer, fault);
    });
  const imds = http.createServer((request, response) => {
    const fault = faults.take(request.method, request.url, 'outer');
    log.push({ method: request.method, url: request.url, headers: request.headers, via_proxy: false });
    respondFaulty(request, response, overruled(metadataService(access, addresses.graph, request), fault), fault);
  });
  const proxy = new Proxy();
  const validator = validate ? new Validator() : undefined;
  const control = new Control({ tenant, access, faults, clock, log, proxy, graph, validator });
  const controlServer = http.createServer(async (request, response) => {
    respond(request, response, control.run(JSON.parse(await readBody(request))));
  });

  const port = await listen(secure);
  const addresses = {
    graph: `https://localhost:${port}`,
    authority: `https://localhost:${port}`,
    imds: `http://127.0.0.1:${await listen(imds)}`,
    proxy: `http://127.0.0.1:${await listen(proxy.server)}`,
    control: `http://127.0.0.1:${await listen(controlServer)}`,
    ca_file: certificates.ca_file,
    pid: process.pid,
  };
  graph.root = addresses.graph;
  if (validator) {
    addresses.validated = await validator.start(addresses.graph, certificates);
  }
  console.log(JSON.stringify(addresses));
  process.stdin.on('end', () => process.exit(0)).resume();
}

main(process.argv[2], process.argv.includes('--validate')).catch((error) => {
  console.error(error);
  process.exit(1);
});
