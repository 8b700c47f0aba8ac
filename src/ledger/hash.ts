/**
 * A 53-bit hash of a text: the largest that a JavaScript number and an SQLite integer both hold exactly. It only finds
 * candidates, which are compared in full, so it needs to be fast and well spread, not safe against an attacker.
 */
const HASHES = 2 ** 53;
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

export function hashText(text: string): number {
  let a = 0x2545f491;
  let b = 0x6a09e667;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul((b << 5) ^ (b >>> 27) ^ code, 0x9e3779b1);
  }
  const low = scramble(a ^ scramble(b));
  const high = scramble(b ^ low);
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

/** Lets every bit of a word depend on every other (the finishing step of MurmurHash3). */
function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The slot to try after this one, when another text holds it. */
export function nextSlot(slot: number): number {
  return slot + 1 === HASHES ? 2 : slot + 1;
}

/**
 * Positions in the order of their hashes' upper 32 bits, equal ones by position. That is sorted enough for a B-tree:
 * neighbours share its page. Sorted by radix, from the lower digit to the higher.
 */
export function inHashOrder(hashes: Float64Array): Uint32Array {
  const upper = new Uint32Array(hashes.length);
  for (let i = 0; i < hashes.length; i += 1) upper[i] = (hashes[i] as number) / 2 ** 21;
  return inOrderOf(upper, 2 ** 32 - 1);
}

/** Positions in the order of their keys, equal ones by position. */
export function inOrderOf(keys: Uint32Array | Int32Array, largest: number): Uint32Array {
  const count = keys.length;
  let order = new Uint32Array(count);
  let sorted = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  const starts = new Uint32Array(DIGITS + 1);
  for (let shift = 0; shift < 32 && largest >>> shift > 0; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let i = 0; i < count; i += 1) {
      const next = (((keys[i] as number) >>> shift) & (DIGITS - 1)) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let digit = 0; digit < DIGITS; digit += 1) {
      starts[digit + 1] = (starts[digit + 1] as number) + (starts[digit] as number);
    }
    for (let i = 0; i < count; i += 1) {
      const position = order[i] as number;
      const digit = ((keys[position] as number) >>> shift) & (DIGITS - 1);
      const place = starts[digit] as number;
      sorted[place] = position;
      starts[digit] = place + 1;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}
