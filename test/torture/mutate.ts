/** Makes good text bad in the ways that files go bad: flipped bytes, cuts, splices, and values nobody expects. */
import type { Chance } from './rounds.js';

/** JSON values, as text, that break programs. */
export const hostileJson: readonly string[] = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '-0.0',
  '0e0',
  '1E+2',
  '00',
  '01',
  '1.',
  '.5',
  '+1',
  '0x10',
  '1_000',
  'NaN',
  '-NaN',
  'Infinity',
  '-Infinity',
  'nan',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1234567890123456789012345678',
  '1e999999999',
  '1e-999999999',
  `1${'0'.repeat(400)}`,
  `0.${'0'.repeat(400)}1`,
  'null',
  'true',
  'false',
  'undefined',
  '[]',
  '{}',
  '[[]]',
  '{"":""}',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\uD83D\\uDE00"',
  '"\\u202e"',
  '"\\ufeff"',
  '"\\u001b[31m"',
  '"\u009b31m"',
  '"\u202egnp.exe"',
  '"=1+1"',
  '"@SUM(1)"',
  '"1e400"',
  '"NaN"',
  '"-0"',
  '"1,5"',
  '" 1"',
  '"1 "',
  '"٣"',
  '"0x1F"',
  '"-"',
  '"."',
  '"__proto__"',
  '"constructor"',
  `"${'x'.repeat(5_000)}"`,
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
  '{"a":1,"a":2}',
  '{"__proto__":{"a":1}}',
  '"\\x"',
  '"\\u12"',
  "'single'",
  '"\t"',
  '"\r"',
  '/* */',
  '//',
  'function(){}',
  '99999999999999999999',
  '-1',
  '1791000000000',
  '"1791000000.123456789"',
  '"2026-02-30T00:00:00Z"',
  '"9999-12-31T23:59:59Z"',
];

/** One to three mutations. `others` are lines to splice with. */
export function mutated(text: string, others: readonly string[], chance: Chance): Buffer {
  let bytes: Buffer = Buffer.from(text);
  const times = 1 + chance.integer(3);
  for (let i = 0; i < times; i += 1) bytes = chance.one(mutators)(bytes, others, chance);
  return bytes;
}

type Mutator = (bytes: Buffer, others: readonly string[], chance: Chance) => Buffer;

const mutators: readonly Mutator[] = [
  flippedBit,
  (bytes, _, chance) => withByte(bytes, chance, chance.integer(256)),
  (bytes, _, chance) => withByte(bytes, chance, chance.one([0, 9, 13, 34, 44, 58, 92, 123, 125, 0x80, 0xc0, 0xff])),
  (bytes, _, chance) => replaced(bytes, place(bytes, chance), 1 + chance.integer(8), Buffer.alloc(0)),
  (bytes, _, chance) => bytes.subarray(0, place(bytes, chance)),
  (bytes, _, chance) => bytes.subarray(place(bytes, chance)),
  (bytes, _, chance) => inserted(bytes, chance, bytes.subarray(place(bytes, chance))),
  (bytes, others, chance) => {
    const other = Buffer.from(chance.one(others));
    return Buffer.concat([bytes.subarray(0, place(bytes, chance)), other.subarray(place(other, chance))]);
  },
  (bytes, others, chance) =>
    Buffer.concat([bytes, Buffer.from(chance.one(['', ' ', ',', '\r'])), Buffer.from(chance.one(others))]),
  (bytes, _, chance) =>
    inserted(bytes, chance, Buffer.from(chance.one(['\u0000', '\ufeff', '\r', '\u2028', '\u202e', '\\', '"']))),
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.concat([bytes, Buffer.from('\r')]),
  hostileValue,
  hostileValue,
  hostileValue,
  repeatedMember,
];

function flippedBit(bytes: Buffer, _: readonly string[], chance: Chance): Buffer {
  const at = place(bytes, chance);
  return replaced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << chance.integer(8))]));
}

function hostileValue(bytes: Buffer, _: readonly string[], chance: Chance): Buffer {
  const text = bytes.toString('latin1');
  const values = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null)/g)];
  if (values.length === 0) return bytes;
  const found = chance.one(values);
  const value = found[1] as string;
  const at = found.index + found[0].length - value.length;
  return replaced(bytes, at, value.length, Buffer.from(chance.one(hostileJson)));
}

function repeatedMember(bytes: Buffer, _: readonly string[], chance: Chance): Buffer {
  const text = bytes.toString('latin1');
  const members = [...text.matchAll(/"[^"\\]*":\s*(?:"[^"\\]*"|[\d.]+)/g)];
  if (members.length === 0) return bytes;
  const { index, 0: member } = chance.one(members);
  return replaced(bytes, index, 0, Buffer.from(`${member},`, 'latin1'));
}

function place(bytes: Buffer, chance: Chance): number {
  return chance.integer(bytes.length + 1);
}

function withByte(bytes: Buffer, chance: Chance, byte: number): Buffer {
  return replaced(bytes, place(bytes, chance), 1, Buffer.from([byte]));
}

function inserted(bytes: Buffer, chance: Chance, more: Buffer): Buffer {
  return replaced(bytes, place(bytes, chance), 0, more);
}

function replaced(bytes: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}
