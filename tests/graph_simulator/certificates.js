// A certificate authority that lives as long as the simulator, and a server certificate for localhost.
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

function createCertificates(folder) {
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  fs.writeFileSync(file('server.ext'), 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n');
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj',
    '/CN=Graph simulator CA');
  openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost');
  openssl('x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'),
    '-CAcreateserial', '-out', file('server.pem'), '-days', '2', '-extfile', file('server.ext'));
  return {
    ca_file: file('ca.pem'),
    key: fs.readFileSync(file('server.key')),
    certificate: fs.readFileSync(file('server.pem')),
  };
}

module.exports = { createCertificates };
