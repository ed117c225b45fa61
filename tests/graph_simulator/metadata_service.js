// The managed identity part of the instance metadata service. Numbers are strings there.
'use strict';

function metadataService(access, graphRoot, request) {
  const url = new URL(request.url, 'http://imds');
  if (request.headers.metadata !== 'true' || request.headers['x-forwarded-for']) {
    return { status: 400, body: { error: 'invalid_request', error_description: 'Required metadata header not specified' } };
  }
  if (url.pathname !== '/metadata/identity/oauth2/token' || url.searchParams.get('api-version') !== '2018-02-01' ||
      url.searchParams.get('resource') !== graphRoot) {
    return { status: 400, body: { error: 'invalid_resource' } };
  }
  const wanted = url.searchParams.get('client_id');
  if (!access.managed_identity || (wanted && wanted !== access.client_id)) {
    return { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } };
  }
  const expires = Math.floor(access.clock.now() / 1000) + access.lifetime;
  return {
    status: 200,
    body: { access_token: access.issue(), client_id: access.client_id, expires_in: String(access.lifetime),
      expires_on: String(expires), not_before: String(expires - access.lifetime), resource: graphRoot,
      token_type: 'Bearer' },
  };
}

module.exports = { metadataService };
