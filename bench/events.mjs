#!/usr/bin/env node
// Makes usage events for the benchmark: the same arguments always give the same bytes.
//
//   node bench/events.mjs COUNT SUBSCRIPTIONS FILE [ndjson|csv]
//
// One month (2026-10), nearly in order of time, one event in fifty up to two days late. Few subscriptions are large: the
// number is the square of an even draw, so that of 1,000 the first has 3 % of all events. Five metrics: `requests`
// (count), `traffic` (sum), `memory` (max), `users` (unique count), `storage` (latest).
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export const metricCodes = ['requests', 'traffic', 'memory', 'users', 'storage'];
const zones = ['eu-north', 'eu-south', 'us-east', 'us-west', 'ap-east'];
const monthStart = Date.UTC(2026, 9, 1);
const monthLength = 31 * 86_400_000;
const linesAtOnce = 4_096;

/** sfc32: a small generator of 32-bit numbers with a long period. */
function randomNumbers() {
  let [a, b, c, counter] = [0x6c61676f, 0x2d636c69, 0x62656e63, 1];
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
}

export function writeEvents(count, subscriptions, file, format = 'ndjson') {
  const random = randomNumbers();
  const hex = (digits) => (random() >>> (32 - 4 * digits)).toString(16).padStart(digits, '0');
  const output = openSync(file, 'w');
  let lines = format === 'csv' ? ['transaction_id,code,external_subscription_id,timestamp,user,amount,zone\n'] : [];
  for (let i = 0; i < count; i += 1) {
    const late = random() % 50 === 0 ? random() % 172_800_000 : 0;
    const time = Math.max(monthStart, monthStart + Math.floor((i / count) * monthLength) - late);
    const timestamp = new Date(time).toISOString();
    const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(8)}${hex(4)}`;
    const code = metricCodes[random() % metricCodes.length];
    const subscription = subscriptionId(Math.floor((random() / 2 ** 32) ** 2 * subscriptions));
    const user = `user_${random() % 4_000}`;
    const amount = ((random() % 10 ** (1 + (random() % 8))) / 1_000).toString();
    const zone = zones[random() % zones.length];
    lines.push(
      format === 'csv'
        ? `${id},${code},${subscription},${timestamp},${user},${amount},${zone}\n`
        : `{"transaction_id":"${id}","code":"${code}","external_subscription_id":"${subscription}","timestamp":"${timestamp}","properties":{"user":"${user}","amount":"${amount}","zone":"${zone}"}}\n`,
    );
    if (lines.length < linesAtOnce) continue;
    writeSync(output, lines.join(''));
    lines = [];
  }
  writeSync(output, lines.join(''));
  closeSync(output);
}

export function subscriptionId(index) {
  return `subscription_${String(index).padStart(6, '0')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [count, subscriptions, file, format] = process.argv.slice(2);
  writeEvents(Number(count), Number(subscriptions), file, format);
}
