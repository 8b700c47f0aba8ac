// Loaded before the program: any try to reach a network ends the process with exit code 99.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function refuse() {
  process.stderr.write('the network was used\n');
  process.exit(99);
}

net.Socket.prototype.connect = refuse;
dgram.createSocket = refuse;
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  dns[name] = refuse;
  dns.promises[name] = refuse;
}
globalThis.fetch = refuse;
syncBuiltinESMExports();
