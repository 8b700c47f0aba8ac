/**
 * Finds the one object that stands for a span of bytes, without making a string of it: a file names the same few codes
 * and subscriptions a million times.
 */
interface Slot<T> {
  readonly key: Uint8Array;
  readonly value: T;
  readonly next: Slot<T> | undefined;
}

const slotCount = 1 << 16;

export class SpanTable<T> {
  readonly #slots: (Slot<T> | undefined)[] = new Array(slotCount);

  get(bytes: Buffer, from: number, to: number): T | undefined {
    search: for (let slot = this.#slots[hash(bytes, from, to)]; slot !== undefined; slot = slot.next) {
      const { key } = slot;
      if (key.length !== to - from) continue;
      for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) continue search;
      return slot.value;
    }
    return undefined;
  }

  /** The span must not be there yet. */
  add(bytes: Buffer, from: number, to: number, value: T): T {
    const at = hash(bytes, from, to);
    this.#slots[at] = { key: Uint8Array.prototype.slice.call(bytes, from, to), value, next: this.#slots[at] };
    return value;
  }
}

/** FNV-1a folded to 16 bits. */
function hash(bytes: Buffer, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return (h ^ (h >>> 16)) & (slotCount - 1);
}
