// The directory itself: users, groups, roles, subscriptions, and the sequence in which they changed.
'use strict';

class Tenant {
  constructor(clock) {
    this.clock = clock;
    this.reset();
  }

  reset() {
    this.sequence = 1;
    this.listed = undefined;
    this.users = new Map();
    this.groups = new Map();
    this.roles = new Map(); // template id → [{id, type}], only activated ones
    this.subscriptions = [{ id: 'tenant_sku', skuId: 'b30411f5-fea1-4a59-9ad9-3db7c7ead579', capabilityStatus: 'Enabled' }];
  }

  // Properties given as null are cleared; those not given stay. `silent`: the change does not reach delta queries.
  putUser({ id, silent, ...properties }) {
    const user = this.users.get(id) ||
      { id, properties: { assignedPlans: [], assignedLicenses: [], businessPhones: [] }, moved: {} };
    if (user.state === 'gone') {
      return; // ids are never used again
    }
    const sequence = ++this.sequence;
    Object.assign(user.properties, properties);
    if (!silent) {
      user.sequence = sequence;
      const returns = user.state === 'recycled'; // then everything about it is news
      for (const name of Object.keys(returns ? user.properties : properties)) {
        user.moved[name] = sequence;
      }
    }
    user.state = 'present';
    delete user.deletedDateTime;
    this.users.set(id, user);
  }

  recycleUser({ id }) {
    const user = this.users.get(id);
    if (user.state !== 'present') {
      return;
    }
    user.state = 'recycled';
    user.deletedDateTime = new Date(this.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    user.sequence = ++this.sequence;
  }

  purgeUser({ id }) {
    const user = this.users.get(id);
    if (user.state === 'gone') {
      return;
    }
    user.state = 'gone';
    user.sequence = ++this.sequence;
    for (const group of this.groups.values()) {
      for (const relation of ['members', 'owners']) {
        if (group[relation].has(id)) {
          this.unlink({ group: group.id, relation, id });
        }
      }
    }
  }

  restoreUser({ id }) {
    this.putUser({ id });
  }

  generateUsers({ count, plans = 6 }) {
    for (let i = 0; i < count; i += 1) {
      this.putUser(generatedUser(i, plans));
    }
  }

  putGroup({ id, ...properties }) {
    this.groups.set(id, { id, properties: { displayName: `Group ${id.slice(0, 8)}`, groupTypes: [], securityEnabled: true,
      mailEnabled: false, onPremisesSyncEnabled: null, ...properties }, members: new Map(), owners: new Map(), log: [],
    sequence: ++this.sequence, state: 'present' });
  }

  deleteGroup({ id, reason = 'deleted' }) {
    const group = this.groups.get(id);
    group.state = reason;
    group.sequence = ++this.sequence;
    for (const parent of this.groups.values()) {
      if (parent.members.has(id)) {
        this.unlink({ group: parent.id, relation: 'members', id });
      }
    }
  }

  link({ group, relation = 'members', id, type = 'user' }) {
    const target = this.groups.get(group);
    target[relation].set(id, type);
    target.log.push({ sequence: ++this.sequence, relation, id, type });
  }

  unlink({ group, relation = 'members', id }) {
    const target = this.groups.get(group);
    const type = target[relation].get(id);
    if (!target[relation].delete(id)) {
      return;
    }
    target.log.push({ sequence: ++this.sequence, relation, id, type });
  }

  putRole({ template, members = [] }) {
    this.roles.set(template, members.map((member) => ({ type: 'user', ...member })));
  }

  findUser(name) {
    const byId = this.users.get(name.toLowerCase());
    if (byId && byId.state === 'present') {
      return byId;
    }
    const folded = name.toLowerCase();
    return [...this.users.values()].find((user) => user.state === 'present' &&
      (user.properties.userPrincipalName || '').toLowerCase() === folded);
  }

  // Listed page by page: counted once as long as nothing changes.
  presentUsers() {
    if (this.listed === undefined || this.listed.sequence !== this.sequence) {
      this.listed = { sequence: this.sequence, users: [...this.users.values()].filter((user) => user.state === 'present') };
    }
    return this.listed.users;
  }

  directGroupsOf(id) {
    return [...this.groups.values()].filter((group) => group.state === 'present' && group.members.has(id));
  }

  // Loops included.
  transitiveGroupsOf(id) {
    const found = new Set();
    const open = [id];
    while (open.length > 0) {
      for (const group of this.directGroupsOf(open.pop())) {
        if (!found.has(group.id)) {
          found.add(group.id);
          open.push(group.id);
        }
      }
    }
    return found;
  }
}

const planIds = ['6ea4c1ef-c259-46df-bce2-943342cd3cb2', 'ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86',
  'ca6e61ec-d4f4-41eb-8b88-d96e0e14323f', '40b010bb-0b69-4654-ac5e-ba161433f4b4', '9f2f00ad-21ae-4ceb-994b-d8bc7be90999',
  '2da8e897-7791-486b-b08f-cc63c8129df7', '4092fdb5-8d81-41d3-be76-aaba4074530b', '28b0fa46-c39a-4188-89e2-58e979a6b014'];

function generatedUser(number, plans) {
  const hex = number.toString(16).padStart(12, '0');
  return {
    id: `10000000-0000-4000-8000-${hex}`,
    userPrincipalName: `user${number}@contoso.example`,
    givenName: `Given${number % 977}`,
    surname: `Surname${number % 1543}`,
    displayName: `Given${number % 977} Surname${number % 1543}`,
    jobTitle: `Title ${number % 31}`,
    mail: `user${number}@contoso.example`,
    businessPhones: [`+47 22 ${String(number).padStart(6, '0')}`],
    city: 'Oslo',
    country: 'Norway',
    accountEnabled: number % 50 !== 49,
    userType: number % 100 === 99 ? 'Guest' : 'Member',
    assignedLicenses: [{ skuId: 'b30411f5-fea1-4a59-9ad9-3db7c7ead579', disabledPlans: [] }],
    assignedPlans: Array.from({ length: plans }, (_, i) => ({ assignedDateTime: '2025-01-01T00:00:00Z',
      capabilityStatus: i % 3 === 2 ? 'Deleted' : 'Enabled', service: 'DYN365', servicePlanId: planIds[(number + i) % 8] })),
  };
}

module.exports = { Tenant };
