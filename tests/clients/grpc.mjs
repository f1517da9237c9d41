// gRPC by @grpc/grpc-js, without generated code: messages are `message M { string text = 1; int64 n = 2; }`, written
// and read by hand.
//
//   node grpc.mjs serve CERT KEY            an origin; prints its port
//   node grpc.mjs call HOST:PORT CA         unary, both kinds of streams, both ways, and one that is not found; prints
//                                           what came of each, one JSON document per line. The proxy is in `grpc_proxy`.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';

const write = ({ text, n }) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes, Buffer.from([0x10, n])]);
};
const read = (buffer) => ({ text: buffer.subarray(2, 2 + buffer[1]).toString(), n: buffer[3 + buffer[1]] });

const method = (name, requestStream, responseStream) => ({
  path: `/waylay.test.Talk/${name}`,
  requestStream,
  responseStream,
  requestSerialize: write,
  requestDeserialize: read,
  responseSerialize: write,
  responseDeserialize: read,
});
const service = {
  unary: method('Unary', false, false),
  missing: method('Missing', false, false),
  down: method('Down', false, true),
  up: method('Up', true, false),
  both: method('Both', true, true),
};

function serve(cert, key) {
  const server = new grpc.Server();
  server.addService(service, {
    unary: (call, done) => done(null, { text: `hello ${call.request.text}`, n: 1 }),
    missing: (call, done) => done({ code: grpc.status.NOT_FOUND, details: 'no such thing' }),
    down: (call) => {
      for (const n of [1, 2, 3]) call.write({ text: 'down', n });
      call.end();
    },
    up: (call, done) => {
      let n = 0;
      call.on('data', (m) => (n += m.n));
      call.on('end', () => done(null, { text: 'sum', n }));
    },
    both: (call) => {
      call.on('data', (m) => call.write({ text: m.text.toUpperCase(), n: m.n }));
      call.on('end', () => call.end());
    },
  });
  const pair = { private_key: readFileSync(key), cert_chain: readFileSync(cert) };
  const credentials = grpc.ServerCredentials.createSsl(null, [pair], false);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
    if (error) throw error;
    console.log(port);
  });
}

async function call(target, ca) {
  const Client = grpc.makeGenericClientConstructor(service, 'Talk');
  // Compressed by gRPC itself, message by message.
  const options = { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };
  const client = new Client(target, grpc.credentials.createSsl(readFileSync(ca)), options);
  const tell = (value) => console.log(JSON.stringify(value));
  const all = (stream) =>
    new Promise((resolve, reject) => {
      const seen = [];
      stream.on('data', (m) => seen.push(`${m.text} ${m.n}`)).on('end', () => resolve(seen)).on('error', reject);
    });
  const unary = (name, request) =>
    new Promise((resolve) => client[name](request, (error, m) => resolve(error ? { code: error.code } : m)));

  tell(await unary('unary', { text: 'world', n: 7 }));
  tell(await unary('missing', { text: 'thing', n: 0 }));
  tell(await all(client.down({ text: 'go', n: 0 })));
  tell(
    await new Promise((resolve) => {
      const stream = client.up((error, m) => resolve(error ? { code: error.code } : m));
      for (const n of [1, 2, 3]) stream.write({ text: 'up', n });
      stream.end();
    }),
  );
  const both = client.both();
  const echoed = all(both);
  for (const n of [1, 2]) both.write({ text: 'both', n });
  both.end();
  tell(await echoed);
  client.close();
}

const [what, ...rest] = process.argv.slice(2);
await (what === 'serve' ? serve(...rest) : call(...rest));
