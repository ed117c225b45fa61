// The part of Graph v1.0 that dvsync and its tests use.
'use strict';

const crypto = require('crypto');

const { Delta, error } = require('./delta');
const { propertiesOf } = require('./metadata');

const longestPage = 999;

// Query options as they stand in the URL: names decoded, values raw.
function optionsOf(url) {
  const options = new Map();
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  for (const pair of query.split('&').filter(Boolean)) {
    const [name, ...rest] = pair.split('=');
    options.set(decodeURIComponent(name).toLowerCase(), rest.join('='));
  }
  return options;
}

const decodedOption = (options, name) => decodeURIComponent((options.get(name) || '').replace(/\+/g, ' '));

function selected(options, type) {
  const names = decodedOption(options, '$select').split(',').filter(Boolean);
  const known = propertiesOf(type);
  return { names, unknown: names.find((name) => !known.has(name)) };
}

// `id eq '…' or id eq '…'`; undefined when it is anything else.
function idsInFilter(filter) {
  const ids = filter.split(/ or /).map((part) => /^id eq '([0-9a-f-]{36})'$/.exec(part.trim()));
  return ids.every(Boolean) && ids.length <= 50 ? ids.map((match) => match[1]) : undefined;
}

class GraphApi {
  constructor({ tenant, access, faults, clock, log }) {
    Object.assign(this, { tenant, access, faults, log });
    this.delta = new Delta(tenant, clock);
    this.root = '';
    this.routes = [
      ['GET', /^\/users\/(?:microsoft\.graph\.)?delta(?:\(\))?$/, 'User.Read.All', (_, o) => this.usersDelta(o)],
      ['GET', /^\/groups\/(?:microsoft\.graph\.)?delta(?:\(\))?$/, 'GroupMember.Read.All', (_, o) => this.groupsDelta(o)],
      ['GET', /^\/users$/, 'User.Read.All', (_, o) => this.listUsers(o)],
      ['GET', /^\/users\/([^/]+)$/, 'User.Read.All', (m, o) => this.getUser(m[1], o)],
      ['GET', /^\/users\/([^/]+)\/memberOf$/, 'GroupMember.Read.All', (m, o) => this.memberOf(m[1], o)],
      ['POST', /^\/users\/([^/]+)\/checkMemberGroups$/, 'GroupMember.Read.All', (m, o, body) => this.checkMembers(m[1], body)],
      ['GET', /^\/groups\/([^/]+)$/, 'GroupMember.Read.All', (m, o) => this.getGroup(m[1], o)],
      ['GET', /^\/groups\/([^/]+)\/(members|owners)$/, 'GroupMember.Read.All', (m, o) => this.references(m[1], m[2], o)],
      ['GET', /^\/directoryRoles\(roleTemplateId='([^']+)'\)\/members$/, 'RoleManagement.Read.Directory', (m) => this.roleMembers(m[1])],
      ['GET', /^\/directoryRoles\/roleTemplateId=([^/]+)\/members$/, 'RoleManagement.Read.Directory', (m) => this.roleMembers(m[1])],
      ['GET', /^\/directory\/deletedItems\/([^/]+)$/, 'User.Read.All', (m) => this.deletedItem(m[1])],
      ['GET', /^\/subscribedSkus$/, 'LicenseAssignment.Read.All', () => this.collection(this.tenant.subscriptions)],
    ];
  }

  reset() {
    this.delta.reset();
  }

  // A request from the outside. `fault` was found for it already.
  answer(request, fault) {
    const answer = this.dispatch(request, fault);
    return { ...answer, headers: { 'request-id': crypto.randomUUID(), ...answer.headers } };
  }

  dispatch(request, fault) {
    if (fault && fault.run) {
      this.control.run(fault.run);
    }
    if (fault && fault.status) {
      return fault.body !== undefined ? { status: fault.status, headers: fault.headers, body: fault.body }
        : error(fault.status, fault.code || 'unknownError', fault.headers);
    }
    if (!this.access.accepts(request.headers.authorization)) {
      return error(401, 'InvalidAuthenticationToken');
    }
    const target = request.url.replace(/^\/v1\.0/, '');
    if (target === request.url) {
      return error(400, 'BadRequest');
    }
    const answer = target === '/$batch' && request.method === 'POST' ? this.batch(request) : this.route(request, target);
    return this.patched(answer, fault, request.url);
  }

  patched(answer, fault, url) {
    if (!fault || !answer.body) {
      return answer;
    }
    const body = { ...answer.body };
    for (const [key, value] of Object.entries(fault.patch || {})) {
      if (value === null) {
        delete body[key];
      } else {
        body[key] = value === '$SELF' ? this.root + url : value;
      }
    }
    if (fault.inject) {
      body.value = [...body.value, ...fault.inject];
    }
    return { ...answer, body };
  }

  route(request, target) {
    const path = decodeURI(target.split('?')[0]);
    for (const [method, pattern, permission, handle] of this.routes) {
      const match = method === request.method && pattern.exec(path);
      if (match) {
        if (!this.access.permissions.has(permission)) {
          return error(403, 'Authorization_RequestDenied');
        }
        return handle(match.map(decodeURIComponent), optionsOf(target), request.body);
      }
    }
    return error(404, 'Request_ResourceNotFound');
  }

  batch(request) {
    const { requests } = JSON.parse(request.body);
    const ids = new Set(requests.map((part) => String(part.id).toLowerCase()));
    if (requests.length === 0 || requests.length > 20 || ids.size !== requests.length) {
      return error(400, 'BadRequest');
    }
    const responses = requests.map((part) => {
      const url = `/v1.0${part.url}`;
      this.log.push({ method: part.method, url, in_batch: true, headers: {} });
      if (part.body && !(part.headers && part.headers['Content-Type'])) {
        return { id: part.id, ...error(400, 'BadRequest') };
      }
      const inner = { method: part.method, url, headers: request.headers, body: JSON.stringify(part.body) };
      const answer = this.dispatch(inner, this.faults.take(part.method, url, 'part'));
      return { id: part.id, headers: { 'Content-Type': 'application/json', ...answer.headers }, status: answer.status,
        body: answer.body };
    });
    return { status: 200, body: { responses: responses.reverse() } }; // in no particular order
  }

  collection(value, next) {
    return { status: 200, body: { '@odata.context': `${this.root}/v1.0/$metadata`, value, ...(next && { '@odata.nextLink': next }) } };
  }

  usersDelta(options) {
    const refused = this.refuseDelta(options, 'user', []);
    return refused || this.delta.answer('users', this.deltaQuery(options, 'user'), `${this.root}/v1.0/users/delta`);
  }

  groupsDelta(options) {
    const refused = this.refuseDelta(options, 'group', ['members', 'owners']);
    return refused || this.delta.answer('groups', this.deltaQuery(options, 'group'), `${this.root}/v1.0/groups/delta`);
  }

  deltaQuery(options, type) {
    const filter = decodedOption(options, '$filter');
    return { select: selected(options, type).names, ids: filter ? idsInFilter(filter) : undefined,
      skiptoken: options.get('$skiptoken'), deltatoken: options.get('$deltatoken') };
  }

  refuseDelta(options, type) {
    const known = ['$select', '$filter', '$skiptoken', '$deltatoken'];
    const follows = options.has('$skiptoken') || (options.get('$deltatoken') || 'latest') !== 'latest';
    const wrong = [...options.keys()].some((name) => !known.includes(name)) ||
      (follows && options.size > 1) || selected(options, type).unknown ||
      (options.has('$filter') && !idsInFilter(decodedOption(options, '$filter')));
    return wrong ? error(400, 'Request_UnsupportedQuery') : undefined;
  }

  listUsers(options) {
    const { names, unknown } = selected(options, 'user');
    const top = Number(options.get('$top') || 100);
    if (unknown || !(top >= 1 && top <= longestPage)) {
      return error(400, 'Request_UnsupportedQuery');
    }
    const begin = Number(options.get('$skiptoken') || 0);
    const present = this.tenant.presentUsers();
    const more = begin + top < present.length;
    const next = `${this.root}/v1.0/users?$select=${names.join(',')}&$top=${top}&$skiptoken=${begin + top}`;
    return this.collection(present.slice(begin, begin + top).map((user) => this.show(user, names)), more && next);
  }

  show(user, names) {
    const shown = { id: user.id };
    for (const name of names) {
      shown[name] = name === 'id' ? user.id : user.properties[name] ?? null;
    }
    return shown;
  }

  getUser(name, options) {
    const { names, unknown } = selected(options, 'user');
    const user = this.tenant.findUser(name);
    if (unknown) {
      return error(400, 'Request_BadRequest');
    }
    return user ? { status: 200, body: this.show(user, names) } : error(404, 'Request_ResourceNotFound');
  }

  memberOf(name, options) {
    const user = this.tenant.findUser(name);
    if (!user) {
      return error(404, 'Request_ResourceNotFound');
    }
    const size = Math.min(Number(options.get('$top') || 100), this.reference_page || longestPage);
    const begin = Number(options.get('$skiptoken') || 0);
    const groups = this.tenant.directGroupsOf(user.id).map((group) => ({ '@odata.type': '#microsoft.graph.group', id: group.id }));
    const next = `${this.root}/v1.0/users/${user.id}/memberOf?$select=id&$top=${size}&$skiptoken=${begin + size}`;
    return this.collection(groups.slice(begin, begin + size), begin + size < groups.length && next);
  }

  checkMembers(name, body) {
    const user = this.tenant.findUser(name);
    const { groupIds } = JSON.parse(body);
    if (!user || groupIds.length > 20) {
      return error(user ? 400 : 404, 'Request_BadRequest');
    }
    const groups = this.tenant.transitiveGroupsOf(user.id);
    return this.collection(groupIds.filter((id) => groups.has(id)));
  }

  group(id) {
    const group = this.tenant.groups.get(id);
    return group && group.state === 'present' ? group : undefined;
  }

  getGroup(id, options) {
    const group = this.group(id);
    const { names, unknown } = selected(options, 'group');
    if (unknown || !group) {
      return error(unknown ? 400 : 404, 'Request_ResourceNotFound');
    }
    return { status: 200, body: this.show(group, names) };
  }

  references(id, relation, options) {
    const group = this.group(id);
    if (!group) {
      return error(404, 'Request_ResourceNotFound');
    }
    const size = Math.min(Number(options.get('$top') || 100), this.reference_page || longestPage);
    const begin = Number(options.get('$skiptoken') || 0);
    const all = [...group[relation]].map(([key, type]) => ({ '@odata.type': `#microsoft.graph.${type}`, id: key }));
    const next = `${this.root}/v1.0/groups/${id}/${relation}?$select=id&$top=${size}&$skiptoken=${begin + size}`;
    return this.collection(all.slice(begin, begin + size), begin + size < all.length && next);
  }

  roleMembers(template) {
    const members = this.tenant.roles.get(template);
    return members ? this.collection(members.map(({ id, type }) => ({ '@odata.type': `#microsoft.graph.${type}`, id })))
      : error(404, 'Request_ResourceNotFound');
  }

  deletedItem(id) {
    const user = this.tenant.users.get(id);
    return user && user.state === 'recycled'
      ? { status: 200, body: { '@odata.type': '#microsoft.graph.user', id, deletedDateTime: user.deletedDateTime } }
      : error(404, 'Request_ResourceNotFound');
  }
}

module.exports = { GraphApi };
