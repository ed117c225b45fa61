// What tests tell the simulator: a list of commands, [{do: "put_user", id: …}, …]; the answer lists their results.
'use strict';

class Control {
  constructor(parts) {
    Object.assign(this, parts);
    this.graph.control = this;
    const { tenant, access, faults, clock, graph } = this;
    this.commands = {
      reset: () => this.reset(),
      put_user: (c) => tenant.putUser(c),
      recycle_user: (c) => tenant.recycleUser(c),
      purge_user: (c) => tenant.purgeUser(c),
      restore_user: (c) => tenant.restoreUser(c),
      generate_users: (c) => tenant.generateUsers(c),
      put_group: (c) => tenant.putGroup(c),
      delete_group: (c) => tenant.deleteGroup(c),
      link: (c) => tenant.link(c),
      unlink: (c) => tenant.unlink(c),
      put_role: (c) => tenant.putRole(c),
      put_subscriptions: (c) => { tenant.subscriptions = c.subscriptions; },
      quirks: (c) => Object.assign(graph.delta.quirks, c),
      reference_page: (c) => { graph.reference_page = c.size; },
      expire_skip_tokens: () => graph.delta.expireSkipTokens(),
      fault: (c) => faults.add(c),
      clear_faults: () => faults.clear(),
      permissions: (c) => { access.permissions = new Set(c.granted); },
      access: (c) => Object.assign(access, c),
      add_certificate: (c) => access.addCertificate(c.pem),
      add_federated_token: (c) => access.federated_tokens.add(c.token),
      revoke_tokens: () => access.revokeAll(),
      advance: (c) => clock.advance(c.seconds),
      links_lead_to: (c) => { graph.root = c.root; },
      validation: () => ({ answers: this.validator.answers, violations: this.validator.violations.splice(0) }),
      requests: () => this.log.splice(0),
      proxy: () => ({ connects: this.proxy.connects, plain: this.proxy.plain }),
    };
  }

  reset() {
    this.tenant.reset();
    this.access.reset();
    this.faults.clear();
    this.graph.reset();
    this.graph.reference_page = undefined;
    this.clock.offset = 0;
    this.log.splice(0);
    this.proxy.connects = 0;
    this.proxy.plain = 0;
  }

  run(list) {
    const results = list.map(({ do: name, ...rest }) => {
      if (!this.commands[name]) {
        throw new Error(`no command ${name}`);
      }
      const result = this.commands[name](rest);
      return result === undefined ? null : result;
    });
    return { status: 200, body: results };
  }
}

module.exports = { Control };
