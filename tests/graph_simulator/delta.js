// Delta queries over users and groups: rounds, pages, tokens with a lifetime, and Graph's quirks.
'use strict';

const crypto = require('crypto');

const defaults = {
  page_size: 200, // Graph never sends more objects a page
  link_page_size: 500, // references a page
  empty_page_every: 0, // every n-th page is empty, with a nextLink
  replay: false, // each page begins with the last object of the page before, and objects come backwards
  removed_in_first_round: false,
  minimal: false, // later rounds show changed properties only (as with Prefer: return=minimal)
  token_days: 7,
  plain_tokens: false, // without characters that a proxy may write in another way
  rejection: 'gone', // gone | syncStateNotFound | resyncRequired | unsupported
};

function error(status, code, headers) {
  return { status, headers, body: { error: { code, message: 'See the documentation.',
    innerError: { date: '2026-01-01T00:00:00', 'request-id': crypto.randomUUID() } } } };
}

class Delta {
  constructor(tenant, clock) {
    this.tenant = tenant;
    this.clock = clock;
    this.reset();
  }

  reset() {
    this.quirks = { ...defaults };
    this.tokens = new Map();
  }

  // Tokens are compared as they stand in the URL: a client that re-encodes them loses them.
  newToken(state) {
    const [head, tail] = [24, 6].map((size) => crypto.randomBytes(size).toString('base64url'));
    const token = this.quirks.plain_tokens ? head + tail : `${head}%2b'~${tail}`;
    this.tokens.set(token, { ...state, issued: this.clock.now() });
    return token;
  }

  expireSkipTokens() {
    for (const [token, state] of this.tokens) {
      if (state.offset !== undefined) {
        this.tokens.delete(token);
      }
    }
  }

  // `query` is {select, ids, skiptoken, deltatoken}; tokens raw.
  answer(kind, query, base) {
    if (query.skiptoken !== undefined) {
      const state = this.tokens.get(query.skiptoken);
      return state && state.round.kind === kind ? this.page(state.round, state.offset, base)
        : error(400, 'Directory_ExpiredPageToken');
    }
    if (query.deltatoken && query.deltatoken !== 'latest') {
      const state = this.tokens.get(query.deltatoken);
      const age = state ? this.clock.now() - state.issued : Infinity;
      if (!state || age > this.quirks.token_days * 86400000) {
        return this.rejection(state, kind, base);
      }
      return this.page(this.newRound(kind, state.query, state.since), 0, base);
    }
    const round = this.newRound(kind, { select: query.select, ids: query.ids }, 0);
    if (query.deltatoken === 'latest') {
      round.items = [];
    }
    return this.page(round, 0, base);
  }

  rejection(state, kind, base) {
    switch (this.quirks.rejection) {
      case 'syncStateNotFound': return error(404, 'syncStateNotFound');
      case 'resyncRequired': return error(410, 'resyncRequired');
      case 'unsupported': return error(400, 'Request_UnsupportedQuery');
      default: {
        const query = state ? state.query : { select: ['id'] };
        const filter = query.ids ? `&$filter=${query.ids.map((id) => `id%20eq%20'${id}'`).join('%20or%20')}` : '';
        return error(410, 'syncStateNotFound',
          { location: `${base}?$deltatoken=&$select=${query.select.join(',')}${filter}` });
      }
    }
  }

  newRound(kind, query, since) {
    const round = { kind, query, since, until: this.tenant.sequence };
    round.items = kind === 'users' ? this.changedUsers(since) : this.changedGroups(query.ids, since);
    if (this.quirks.replay) {
      round.items.reverse();
    }
    return round;
  }

  changedUsers(since) {
    const ids = [];
    for (const user of this.tenant.users.values()) {
      const show = since > 0 ? user.sequence > since
        : user.state === 'present' || (this.quirks.removed_in_first_round && user.state !== 'present');
      if (show) {
        ids.push(user.id);
      }
    }
    return ids;
  }

  changedGroups(ids, since) {
    const pieces = [];
    for (const group of this.tenant.groups.values()) {
      if (ids && !ids.includes(group.id)) {
        continue;
      }
      if (group.state !== 'present') {
        if (since > 0 && group.sequence > since) {
          pieces.push({ id: group.id, '@removed': { reason: group.state } });
        }
        continue;
      }
      const references = since > 0 ? this.movedReferences(group, since) : this.allReferences(group);
      if (since === 0 || references.length > 0 || group.sequence > since) {
        pieces.push(...this.split(group, references));
      }
    }
    return pieces;
  }

  allReferences(group) {
    return ['members', 'owners'].flatMap((relation) => [...group[relation]].map(([id, type]) => ({ relation, id, type })));
  }

  movedReferences(group, since) {
    const moved = new Map();
    for (const entry of group.log) {
      if (entry.sequence > since) {
        moved.set(`${entry.relation} ${entry.id}`, { ...entry, removed: !group[entry.relation].has(entry.id) });
      }
    }
    return [...moved.values()];
  }

  // A large group comes as several objects with the same id.
  split(group, references) {
    const pieces = [];
    for (let i = 0; i === 0 || i < references.length; i += this.quirks.link_page_size) {
      const piece = { id: group.id };
      for (const { relation, id, type, removed } of references.slice(i, i + this.quirks.link_page_size)) {
        const key = `${relation}@delta`;
        piece[key] = piece[key] || [];
        piece[key].push({ '@odata.type': `#microsoft.graph.${type}`, id, ...(removed && { '@removed': { reason: 'deleted' } }) });
      }
      pieces.push(piece);
    }
    return pieces;
  }

  page(round, offset, base) {
    const number = (round.pages = (round.pages || 0) + 1);
    const empty = this.quirks.empty_page_every > 0 && number % this.quirks.empty_page_every === 0;
    const begin = this.quirks.replay && offset > 0 ? offset - 1 : offset;
    const end = empty ? offset : this.endOfPage(round, offset);
    const items = empty ? [] : round.items.slice(begin, end);
    const value = items.map((item) => (round.kind === 'users' ? this.showUser(item, round) : item)).filter(Boolean);
    const body = { '@odata.context': `${base.replace(/\/delta.*$/, '')}/$metadata#${round.kind}`, value };
    if (end < round.items.length || empty) {
      body['@odata.nextLink'] = `${base}?$skiptoken=${this.newToken({ round, offset: end })}`;
    } else {
      const token = this.newToken({ query: round.query, since: round.until });
      body['@odata.deltaLink'] = `${base}?$deltatoken=${token}`;
    }
    return { status: 200, body };
  }

  // So many objects, or for groups, so many references.
  endOfPage(round, offset) {
    const most = Math.min(offset + this.quirks.page_size, round.items.length);
    let references = 0;
    for (let end = offset; end < most; end += 1) {
      const item = round.items[end];
      references += ((item['members@delta'] || []).length + (item['owners@delta'] || []).length);
      if (references > this.quirks.link_page_size && end > offset) {
        return end;
      }
    }
    return most;
  }

  // First round: what has no value is absent. Later: what was cleared is null, what was never set is absent.
  showUser(id, round) {
    const user = this.tenant.users.get(id);
    if (user.state !== 'present') {
      return { id, '@removed': { reason: user.state === 'gone' ? 'deleted' : 'changed' } };
    }
    const shown = { id };
    for (const name of round.query.select) {
      const value = user.properties[name];
      const unchanged = round.since > 0 && this.quirks.minimal && !(user.moved[name] > round.since);
      if (value === undefined || (value === null && round.since === 0) || unchanged) {
        continue;
      }
      shown[name] = value;
    }
    return shown;
  }
}

module.exports = { Delta, error };
