/**
 * Where bytes come from: a file or standard input (`-`), gzip or not, in chunks.
 *
 * `chunks` leaves the event loop alive between two chunks, so that an interrupt is heard; `chunksAtOnce` runs without a
 * pause, for work that must be one transaction. Both hand out the same bytes; a byte order mark is taken off.
 */
import { closeSync, createWriteStream, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { BillingError, invalid, notFound } from '../errors.js';

/** A file that is open for reading. */
export interface Source {
  /** As the user named it. */
  readonly name: string;
  readonly descriptor: number;
  /** Null for a pipe. */
  readonly bytes: number | null;
  /** Its other end may be slow, or never close. */
  readonly isPipe: boolean;
}

export function refuseStdinTwice(names: readonly string[]): void {
  if (names.filter((name) => name === '-').length < 2) return;
  throw invalid({
    field: 'files',
    code: 'value_is_duplicated',
    message: 'standard input can be read once only',
    suggestion: 'Name - once.',
  });
}

const chunkBytes = 1 << 20;
/** Seconds that events of a busy pipe may wait to be stored. */
const longestWait = 5;

/** Errors: `file_not_found`, `file_unreadable`. */
export function openSource(name: string): Source {
  try {
    const descriptor = name === '-' ? 0 : openSync(name, 'r');
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) {
      closeSync(descriptor);
      throw unreadable(name, 'it is a folder');
    }
    const isPipe = stat.isFIFO() || stat.isSocket();
    return { name, descriptor, bytes: stat.isFile() ? stat.size : null, isPipe };
  } catch (error) {
    if (error instanceof BillingError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound('file', name, 'Check the path.');
    throw unreadable(name, (error as Error).message);
  }
}

/** A pipe is closed by its reader. */
export function closeSource(source: Source): void {
  if (source.descriptor !== 0 && !source.isPipe) closeSync(source.descriptor);
}

/**
 * `onRead` hears of bytes taken from the file, before they are unpacked. A chunk is good until the next is asked for. A
 * pipe hands out an empty one after a quiet second, and every five: time to store what has come so far.
 */
export async function* chunks(source: Source, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const raw = counted(source.isPipe ? pipeChunks(source) : fileChunks(source), onRead);
  let isFirst = true;
  for await (const chunk of raw) {
    if (isFirst && isGzip(chunk)) {
      yield* withoutMarkAsync(gunzip(Buffer.from(chunk), raw));
      return;
    }
    yield isFirst ? withoutMark(chunk) : chunk;
    isFirst &&= chunk.length === 0;
  }
}

async function* fileChunks(source: Source): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const chunk = readChunk(source, buffer);
    if (chunk.length === 0) return;
    yield chunk;
    await setImmediate();
  }
}

async function* pipeChunks(source: Source): AsyncGenerator<Uint8Array> {
  const socket = new Socket({ fd: source.descriptor, readable: true, writable: false });
  const stop = new AbortController();
  const second = () => setTimeout(1_000, null, { signal: stop.signal }).catch(() => null);
  try {
    const arriving: AsyncIterator<Uint8Array> = socket[Symbol.asyncIterator]();
    let next = arriving.next();
    let pause = second();
    for (let seconds = 0, quiet = true; ; ) {
      const arrived = await Promise.race([pause, next]);
      if (arrived === null) {
        seconds += 1;
        if (quiet || seconds === longestWait) {
          yield new Uint8Array(0);
          seconds = 0;
        }
        quiet = true;
        pause = second();
        continue;
      }
      if (arrived.done === true) return;
      quiet = false;
      yield arrived.value;
      next = arriving.next();
    }
  } catch (error) {
    throw error instanceof BillingError ? error : unreadable(source.name, (error as Error).message);
  } finally {
    stop.abort();
    socket.destroy();
  }
}

async function* counted(from: AsyncIterable<Uint8Array>, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of from) {
    onRead(chunk.length);
    yield chunk;
  }
}

export function* chunksAtOnce(source: Source, onRead: (bytes: number) => void): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let isFirst = true; ; isFirst = false) {
    const chunk = readChunk(source, buffer);
    if (chunk.length === 0) return;
    onRead(chunk.length);
    yield isFirst ? withoutMark(chunk) : chunk;
  }
}

/**
 * The same input as a plain file, unpacked to a temporary one where it is packed, because gzip cannot be read without
 * pauses. `release` closes and removes it.
 */
export async function unpacked(source: Source): Promise<{ readonly source: Source; readonly release: () => void }> {
  const start = Buffer.allocUnsafe(2);
  const isPacked = source.bytes !== null && readSync(source.descriptor, start, 0, 2, 0) === 2 && isGzip(start);
  if (source.bytes !== null && !isPacked) return { source, release: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'lago-cli-'));
  const file = join(folder, 'events');
  try {
    await pipeline(Readable.from(copies(chunks(source, () => {}))), createWriteStream(file, { mode: 0o600 }));
    const copy = { ...openSource(file), name: source.name };
    return {
      source: copy,
      release: () => {
        closeSource(copy);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function* copies(from: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of from) if (chunk.length > 0) yield Buffer.from(chunk);
}

async function* gunzip(first: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const plain = createGunzip({ chunkSize: chunkBytes });
  const feeding = pipeline(Readable.from(concatenated(first, rest)), plain);
  feeding.catch(() => {});
  try {
    for await (const chunk of plain) yield chunk as Buffer;
    await feeding;
  } catch (error) {
    if (error instanceof BillingError) throw error;
    const cutOff = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new BrokenSource(
      cutOff ? 'the gzip data ends too early' : `the gzip data is damaged (${(error as Error).message})`,
    );
  }
}

/** The input stops making sense in the middle; what came before is good. */
export class BrokenSource extends Error {
  override readonly name = 'BrokenSource';
}

async function* concatenated(first: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield first;
  yield* copies(rest);
}

function readChunk(source: Source, buffer: Buffer): Buffer {
  for (;;) {
    try {
      return buffer.subarray(0, readSync(source.descriptor, buffer, 0, buffer.length, null));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return buffer.subarray(0, 0);
      if (code !== 'EAGAIN') throw unreadable(source.name, (error as Error).message);
      // A pipe whose other end is not ready, opened without blocking: look again in a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function withoutMark(chunk: Uint8Array): Uint8Array {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}

async function* withoutMarkAsync(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of from) {
    yield isFirst ? withoutMark(chunk) : chunk;
    isFirst = false;
  }
}

function unreadable(name: string, why: string): BillingError {
  return new BillingError('file_unreadable', { message: `${name} cannot be read: ${why}` });
}
