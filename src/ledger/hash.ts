/**
 * A 53-bit hash of a text: the largest that a JavaScript number and an SQLite integer both hold exactly. It only finds
 * candidates, which are compared in full, so it needs to be fast and well spread, not safe against an attacker.
 */
const HASHES = 2 ** 53;

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
 * neighbours share its page. Hash and position are packed into one double: 32 + 20 bits.
 */
export function inHashOrder(hashes: Float64Array): Uint32Array {
  const packed = new Float64Array(hashes.length);
  for (let i = 0; i < hashes.length; i += 1) {
    packed[i] = Math.floor((hashes[i] as number) / 2 ** 21) * 2 ** 20 + i;
  }
  packed.sort();
  const order = new Uint32Array(hashes.length);
  for (let i = 0; i < packed.length; i += 1) order[i] = (packed[i] as number) % 2 ** 20;
  return order;
}
