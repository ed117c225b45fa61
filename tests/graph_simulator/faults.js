// Faults on demand. One is {match, where, skip, times, ...what}: `match` is a regular expression over "GET /path?query";
// `where` is "outer" (default), or "part" for requests inside a batch; the first `skip` matches pass; it then happens
// `times` times (default 1). What happens:
//   status, headers, code   an error answer of this kind, with `body` instead of the usual one if given
//   reset                   the connection is closed without an answer
//   cut                     … in the middle of the body ("chunked": without a Content-Length)
//   stall                   half of the body, then silence
//   patch                   keys laid over the answer; null removes one; "$SELF" is the requested URL
//   inject                  objects added to `value`
//   run                     commands for the control (see control.js), carried out before answering
'use strict';

class Faults {
  constructor() {
    this.list = [];
  }

  add(fault) {
    this.list.push({ times: 1, skip: 0, where: 'outer', ...fault, pattern: new RegExp(fault.match) });
  }

  clear() {
    this.list = [];
  }

  take(method, url, where) {
    const line = `${method} ${url}`;
    for (const fault of this.list) {
      if (fault.where !== where || fault.times <= 0 || !fault.pattern.test(line)) {
        continue;
      }
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      return fault;
    }
    return undefined;
  }
}

module.exports = { Faults };
