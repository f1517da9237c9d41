// An origin for conversations: WebSockets by the `ws` package, with permessage-deflate and subprotocols, and an event
// stream. Arguments: certificate and key, PEM files. Prints its port.
//
//   /            an empty page
//   /events      three events and the end
//   /socket      echoes; speaks `chat.v2`, a little of `graphql-transport-ws`, and a little of `v12.stomp`
//   /private     401
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { WebSocketServer } from 'ws';

const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path));
const server = https.createServer({ cert, key }, (request, response) => {
  if (request.url === '/events') return events(response);
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>conversations</title>');
});

function events(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': welcome\n\nevent: greeting\nid: 1\ndata: hello\n\n');
  response.write('data: {"n": 2}\r\ndata: two lines\r\n\r\n');
  setTimeout(() => response.end('event: end\ndata:\n\n'), 50);
}

const supported = ['chat.v2', 'graphql-transport-ws', 'v12.stomp'];
const sockets = new WebSocketServer({
  noServer: true,
  // Whatever its size, a message is compressed, and with what earlier messages have taught.
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => supported.find((name) => offered.has(name)) ?? false,
});

server.on('upgrade', (request, socket, head) => {
  if (request.url === '/private') {
    socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 4\r\n\r\nwho?');
    return;
  }
  sockets.handleUpgrade(request, socket, head, (ws) => {
    const speak = { 'graphql-transport-ws': graphql, 'v12.stomp': stomp }[ws.protocol] ?? echo;
    ws.on('message', (data, binary) => speak(ws, data, binary));
  });
});

function echo(ws, data, binary) {
  ws.send(data, { binary });
  if (!binary) ws.ping('are you there?');
}

function graphql(ws, data) {
  const message = JSON.parse(data);
  const say = (value) => ws.send(JSON.stringify(value));
  if (message.type === 'connection_init') say({ type: 'connection_ack' });
  if (message.type === 'subscribe') {
    for (const n of [1, 2, 3]) say({ id: message.id, type: 'next', payload: { data: { counter: n } } });
    say({ id: message.id, type: 'complete' });
  }
}

function stomp(ws, data) {
  const frame = data.toString();
  if (frame.startsWith('CONNECT\n')) ws.send('CONNECTED\nversion:1.2\n\n\0');
  if (frame.startsWith('SEND\n')) {
    const body = frame.slice(frame.indexOf('\n\n') + 2, -1);
    ws.send(`MESSAGE\ndestination:/queue/a\nmessage-id:1\nsubscription:0\n\n${body}\0`);
  }
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
