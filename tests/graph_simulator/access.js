// Who may do what: the app registration, its credentials and permissions, and the access tokens given out.
'use strict';

const crypto = require('crypto');

const allPermissions = ['User.Read.All', 'GroupMember.Read.All', 'RoleManagement.Read.Directory',
  'LicenseAssignment.Read.All'];

class Access {
  constructor(clock) {
    this.clock = clock;
    this.reset();
  }

  reset() {
    this.tenants = ['contoso.example', '7f1d0c52-0000-4000-8000-0000000000aa'];
    this.client_id = '11111111-2222-4333-8444-555555555555';
    this.secret = 's3cret&with=odd%chars+ü';
    this.secret_expired = false;
    this.certificates = new Map(); // x5t#S256 → public key
    this.federated_tokens = new Set();
    this.managed_identity = true;
    this.permissions = new Set(allPermissions);
    this.lifetime = 3599;
    this.tokens = new Map();
    this.assertion_ids = new Set();
  }

  addCertificate(pem) {
    const certificate = new crypto.X509Certificate(pem);
    const thumbprint = crypto.createHash('sha256').update(certificate.raw).digest('base64url');
    this.certificates.set(thumbprint, certificate.publicKey);
  }

  issue() {
    const token = crypto.randomBytes(48).toString('base64url');
    this.tokens.set(token, this.clock.now() + this.lifetime * 1000);
    return token;
  }

  accepts(header) {
    const token = /^Bearer (.+)$/.exec(header || '');
    const expires = token && this.tokens.get(token[1]);
    return Boolean(expires && expires > this.clock.now());
  }

  revokeAll() {
    this.tokens.clear();
  }
}

module.exports = { Access, allPermissions };
