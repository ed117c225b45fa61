// {authority}/{tenant}/oauth2/v2.0/token for client credentials, with Entra's error numbers.
'use strict';

const crypto = require('crypto');

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function refusal(status, error, code, words) {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${words} Trace ID: 00000000-0000-4000-8000-000000000000`,
      error_codes: [code],
      timestamp: '2026-01-01 00:00:00Z',
      trace_id: crypto.randomUUID(),
      correlation_id: crypto.randomUUID(),
    },
  };
}

const badAssertion = (words) => refusal(401, 'invalid_client', 700027, words);

function decoded(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

function verifyClaims(claims, access, audience) {
  const now = access.clock.now() / 1000;
  if (claims.aud !== audience || claims.iss !== access.client_id || claims.sub !== access.client_id) {
    return refusal(401, 'invalid_client', 700023, 'Client assertion audience claim does not match.');
  }
  if (!(claims.nbf <= now && now < claims.exp) || claims.exp - claims.nbf > 660) {
    return refusal(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.');
  }
  if (!/^[0-9a-f-]{36}$/.test(claims.jti || '') || access.assertion_ids.has(claims.jti)) {
    return badAssertion('The jti is missing or was used before.');
  }
  access.assertion_ids.add(claims.jti);
  return undefined;
}

function verifyAssertion(assertion, access, audience) {
  const [head, body, signature] = assertion.split('.');
  let header;
  let claims;
  try {
    header = decoded(head);
    claims = decoded(body);
  } catch {
    return refusal(400, 'invalid_request', 50027, 'JWT token is invalid or malformed.');
  }
  const publicKey = access.certificates.get(header['x5t#S256']);
  if (header.alg !== 'PS256' || header.typ !== 'JWT' || !publicKey) {
    return badAssertion('The certificate with this identifier is not registered on application.');
  }
  const genuine = crypto.verify('sha256', Buffer.from(`${head}.${body}`), {
    key: publicKey,
    padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
    saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
  }, Buffer.from(signature || '', 'base64url'));
  return genuine ? verifyClaims(claims, access, audience) : badAssertion('Client assertion contains an invalid signature.');
}

function verifyProof(form, access, audience) {
  if (form.has('client_secret')) {
    if (form.get('client_secret') !== access.secret) {
      return refusal(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
    }
    return access.secret_expired
      ? refusal(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.') : undefined;
  }
  if (form.get('client_assertion_type') !== jwtBearer) {
    return refusal(400, 'invalid_request', 900144, 'The request body must contain client_secret or client_assertion.');
  }
  const assertion = form.get('client_assertion') || '';
  if (access.federated_tokens.has(assertion)) {
    return undefined;
  }
  return access.federated_tokens.size > 0
    ? refusal(400, 'invalid_request', 70021, 'No matching federated identity record found.')
    : verifyAssertion(assertion, access, audience);
}

function tokenEndpoint(access, { authority, graph, validated }, request, body) {
  const scopes = [graph, validated].map((root) => `${root}/.default`);
  const tenant = decodeURIComponent(request.url.split('/')[1]);
  const form = new URLSearchParams(body);
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
    return refusal(400, 'invalid_request', 900561, 'The endpoint only accepts POST requests.');
  }
  if (!access.tenants.includes(tenant)) {
    return refusal(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  }
  if (form.get('client_id') !== access.client_id) {
    return refusal(400, 'unauthorized_client', 700016, 'Application was not found in the directory.');
  }
  if (form.get('grant_type') !== 'client_credentials' || !scopes.includes(form.get('scope'))) {
    return refusal(400, 'invalid_scope', 70011, 'The provided value for scope is not valid.');
  }
  const wrong = verifyProof(form, access, `${authority}/${tenant}/oauth2/v2.0/token`);
  return wrong || {
    status: 200,
    body: { token_type: 'Bearer', expires_in: access.lifetime, ext_expires_in: access.lifetime,
      access_token: access.issue() },
  };
}

module.exports = { tokenEndpoint };
