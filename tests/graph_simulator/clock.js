// Time in the tenant: tests advance it to let tokens grow old.
'use strict';

class Clock {
  constructor() {
    this.offset = 0;
  }

  now() {
    return Date.now() + this.offset;
  }

  advance(seconds) {
    this.offset += seconds * 1000;
  }
}

module.exports = { Clock };
