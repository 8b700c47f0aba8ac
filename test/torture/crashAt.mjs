// Loaded before the program: ends the process, as SIGKILL does, at the CRASH_AT-th point where it is about to write or
// has just written. Without CRASH_AT it writes the names of the points to CRASH_POINTS.
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const Database = createRequire(import.meta.url)('better-sqlite3');
const crashAt = Number(process.env.CRASH_AT ?? 0);
const names = [];

function point(name) {
  names.push(name);
  if (names.length === crashAt) process.kill(process.pid, 'SIGKILL');
}

function around(object, method, nameOf) {
  const original = object[method];
  object[method] = function (...args) {
    const name = nameOf(this, args);
    point(`before ${name}`);
    const result = original.apply(this, args);
    point(`after ${name}`);
    return result;
  };
}

const probe = new Database(':memory:');
const statement = Object.getPrototypeOf(probe.prepare('SELECT 1'));
probe.close();
around(Database.prototype, 'exec', (_, [sql]) => sql.slice(0, 30));
around(Database.prototype, 'pragma', (_, [sql]) => `PRAGMA ${sql}`);
around(Database.prototype, 'close', () => 'close');
around(statement, 'run', ({ source }) => source.slice(0, 40));
for (const method of ['writeSync', 'renameSync', 'closeSync', 'openSync']) {
  around(fs, method, (_, [what]) => `${method} ${typeof what === 'string' ? what : ''}`);
}
syncBuiltinESMExports();

if (process.env.CRASH_POINTS !== undefined) {
  process.on('exit', () => fs.writeFileSync(process.env.CRASH_POINTS, JSON.stringify(names)));
}
