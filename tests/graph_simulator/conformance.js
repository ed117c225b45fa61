// Microsoft's own JavaScript client against the simulator: if its PageIterator walks our rounds, they are Graph's.
//
//   npm ci && node conformance.js
//
// Exits with 77 (skipped) where `npm ci` has not been run.
'use strict';

const assert = require('assert');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');

const { propertiesOf } = require('./metadata');

const group = '30000000-0000-4000-8000-000000000001';
const userId = (number) => `10000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

function startSimulator(folder) {
  const server = spawn(process.execPath, [path.join(__dirname, 'server.js'), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    server.stdout.once('data', (line) => resolve({ server, addresses: JSON.parse(line) }));
  });
}

function tell(addresses, ...commands) {
  return new Promise((resolve, reject) => {
    const request = http.request(addresses.control, { method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(JSON.parse(text)));
    });
    request.on('error', reject).end(JSON.stringify(commands));
  });
}

async function token(addresses) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: '11111111-2222-4333-8444-555555555555',
    client_secret: 's3cret&with=odd%chars+ü', scope: `${addresses.graph}/.default` });
  const answer = await fetch(`${addresses.authority}/contoso.example/oauth2/v2.0/token`, { method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() });
  return (await answer.json()).access_token;
}

async function round(client, PageIterator, url) {
  const first = await client.api(url).get();
  const items = [];
  const iterator = new PageIterator(client, first, (item) => items.push(item) > 0);
  await iterator.iterate();
  assert.ok(iterator.isComplete(), 'the iterator reaches the end');
  assert.ok(iterator.getDeltaLink(), 'the round ends with a delta link');
  return { items, deltaLink: iterator.getDeltaLink() };
}

async function users(client, PageIterator, addresses) {
  await tell(addresses, { do: 'generate_users', count: 450 }, { do: 'quirks', empty_page_every: 2, plain_tokens: true });
  const initial = await round(client, PageIterator, '/users/delta?$select=id,displayName,accountEnabled');
  assert.equal(new Set(initial.items.map((user) => user.id)).size, 450);
  await tell(addresses, { do: 'put_user', id: userId(1), displayName: 'New name' },
    { do: 'recycle_user', id: userId(2) }, { do: 'purge_user', id: userId(3) });
  const next = await round(client, PageIterator, initial.deltaLink);
  assert.deepEqual(next.items.map((user) => user.id), [userId(1), userId(2), userId(3)]);
  assert.equal(next.items[0].displayName, 'New name');
  assert.equal(next.items[1]['@removed'].reason, 'changed');
  assert.equal(next.items[2]['@removed'].reason, 'deleted');
  const quiet = await round(client, PageIterator, next.deltaLink);
  assert.equal(quiet.items.length, 0);
  await tell(addresses, { do: 'advance', seconds: 8 * 86400 });
}

async function expiry(client, PageIterator, addresses) {
  const initial = await round(client, PageIterator, '/users/delta?$select=id');
  await tell(addresses, { do: 'fault', match: 'users/delta', status: 410, code: 'syncStateNotFound' });
  await assert.rejects(client.api(initial.deltaLink).get(), (error) => error.statusCode === 410 && error.code === 'syncStateNotFound');
}

async function groups(client, PageIterator, addresses) {
  const links = Array.from({ length: 1200 }, (_, i) => ({ do: 'link', group, id: userId(i) }));
  await tell(addresses, { do: 'put_group', id: group }, ...links);
  const initial = await round(client, PageIterator, `/groups/delta?$select=members,owners&$filter=id eq '${group}'`);
  assert.equal(initial.items.flatMap((piece) => piece['members@delta'] || []).length, 1200);
  assert.ok(initial.items.length > 1, 'a large group comes in pieces');
}

async function throttling(client, addresses) {
  await tell(addresses, { do: 'fault', match: '/users\\?', status: 429, headers: { 'Retry-After': '1' } });
  const page = await client.api('/users?$select=id&$top=5').get();
  assert.equal(page.value.length, 5, 'the client\'s own retry handler understands our throttling');
}

function names() {
  for (const [type, properties] of [['user', ['assignedPlans', 'memberOf', 'onPremisesImmutableId']], ['group', ['members', 'owners']],
    ['directoryRole', ['roleTemplateId', 'members']], ['directory', ['deletedItems']], ['subscribedSku', ['skuId']]]) {
    properties.forEach((name) => assert.ok(propertiesOf(type).has(name), `${type}.${name} is in the metadata`));
  }
  assert.ok(!propertiesOf('user').has('businessPhone'));
}

async function check(folder) {
  const { Client, PageIterator } = require('@microsoft/microsoft-graph-client');
  const addresses = JSON.parse(fs.readFileSync(path.join(folder, 'addresses.json'), 'utf8'));
  const client = Client.init({ baseUrl: addresses.graph, defaultVersion: 'v1.0', customHosts: new Set(['localhost']),
    authProvider: (done) => token(addresses).then((value) => done(null, value), done) });
  await users(client, PageIterator, addresses);
  await expiry(client, PageIterator, addresses);
  await groups(client, PageIterator, addresses);
  await throttling(client, addresses);
  names();
  console.log('microsoft-graph-client agrees with the simulator');
}

async function main() {
  if (!fs.existsSync(path.join(__dirname, 'node_modules', '@microsoft', 'microsoft-graph-client'))) {
    console.log('skipped: @microsoft/microsoft-graph-client is not installed; run `npm ci` in tests/graph_simulator');
    process.exit(77);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'graph-conformance-'));
  const { server, addresses } = await startSimulator(folder);
  fs.writeFileSync(path.join(folder, 'addresses.json'), JSON.stringify(addresses));
  // Node.js reads additional authorities when it starts.
  const child = spawnSync(process.execPath, [__filename, folder], { stdio: 'inherit',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: addresses.ca_file } });
  server.stdin.end();
  fs.rmSync(folder, { recursive: true });
  process.exit(child.status === null ? 1 : child.status);
}

(process.argv[2] ? check(process.argv[2]) : main()).catch((error) => {
  console.error(error);
  process.exit(1);
});
