// Gets an https URL through the proxy in HTTPS_PROXY and prints the body. Node 20 does not look at that variable by
// itself, so the tunnel is asked for by hand, as proxy agents do; trust comes from NODE_EXTRA_CA_CERTS alone.
import http from 'node:http';
import https from 'node:https';

const target = new URL(process.argv[2]);
const proxy = new URL(process.env.HTTPS_PROXY ?? process.env.https_proxy);

http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target.host })
  .on('connect', (answer, socket) => {
    if (answer.statusCode !== 200) throw new Error(`CONNECT was answered ${answer.statusCode}`);
    https.get(target, { socket, agent: false, servername: target.hostname }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (piece) => (text += piece));
      response.on('end', () => {
        console.log(text);
        socket.end();
      });
    });
  })
  .end();
