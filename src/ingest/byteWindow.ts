/**
 * Bytes that arrived and were not used up yet: what every reader keeps between two chunks. A newline stands behind the
 * last of them, so that a scan of a line or a flat object needs no other bound.
 */
export class ByteWindow {
  bytes: Buffer = Buffer.allocUnsafe(1 << 17);
  length = 0;

  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed >= this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed + 1, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    this.bytes.set(chunk, this.length);
    this.length = needed;
    this.bytes[needed] = newline;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    if (count < this.length) this.bytes.copyWithin(0, count, this.length);
    this.length -= Math.min(count, this.length);
    this.bytes[this.length] = newline;
  }
}

const newline = 10;

/** A record longer than this is refused unread, so that a missing newline cannot fill the memory. */
export const maxRecordBytes = 8 << 20;
