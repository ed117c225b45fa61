// Property names of Graph's own metadata, so that a $select with a name Graph does not know is refused here too.
'use strict';

const fs = require('fs');
const path = require('path');

const text = fs.readFileSync(path.join(__dirname, 'graph-v1.0-extract.csdl'), 'utf8');
const cache = new Map();

// Properties and navigation properties of an entity type, inherited ones included.
function propertiesOf(type) {
  if (!cache.has(type)) {
    const block = new RegExp(`<(?:EntityType|ComplexType) Name="${type}"([^>]*)>([\\s\\S]*?)</(?:EntityType|ComplexType)>`).exec(text);
    if (!block) {
      throw new Error(`no type ${type} in the metadata`);
    }
    const base = /BaseType="graph\.(\w+)"/.exec(block[1]);
    const names = new Set(base ? propertiesOf(base[1]) : []);
    for (const match of block[2].matchAll(/<(?:Navigation)?Property Name="(\w+)"/g)) {
      names.add(match[1]);
    }
    cache.set(type, names);
  }
  return cache.get(type);
}

module.exports = { propertiesOf };
