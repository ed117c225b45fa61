// HTTP plumbing: bodies in, answers out, and the faults that happen below HTTP.
'use strict';

const zlib = require('zlib');

function readBody(request) {
  return new Promise((resolve) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(''));
  });
}

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

// `answer` is {status, headers, body}; a body that is not text is JSON.
function encode(request, answer) {
  const headers = { ...answer.headers };
  let content = answer.body === undefined ? '' : answer.body;
  if (typeof content !== 'string' && !Buffer.isBuffer(content)) {
    content = JSON.stringify(content);
    headers['content-type'] = headers['content-type'] || 'application/json; odata.metadata=minimal';
  }
  let bytes = Buffer.from(content, 'utf8');
  if (bytes.length > 1024 && /gzip/.test(request.headers['accept-encoding'] || '')) {
    bytes = zlib.gzipSync(bytes, { level: 1 });
    headers['content-encoding'] = 'gzip';
  }
  headers['content-length'] = bytes.length;
  return { headers, bytes };
}

function respond(request, response, answer) {
  const { headers, bytes } = encode(request, answer);
  response.writeHead(answer.status, headers);
  response.end(bytes);
}

// For the endpoints outside Graph, which have no error format of their own here.
function overruled(answer, fault) {
  return fault && fault.status
    ? { status: fault.status, headers: fault.headers, body: fault.body === undefined ? {} : fault.body } : answer;
}

function respondFaulty(request, response, answer, fault) {
  if (fault && fault.reset) {
    request.socket.destroy();
    return;
  }
  if (fault && (fault.cut || fault.stall)) {
    const { headers, bytes } = encode(request, answer);
    if (fault.cut === 'chunked') {
      delete headers['content-length'];
    }
    response.writeHead(answer.status, headers);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
      if (fault.cut) {
        request.socket.destroy();
      }
    });
    return; // a stalled answer is never finished
  }
  respond(request, response, answer);
}

module.exports = { readBody, listen, overruled, respond, respondFaulty };
