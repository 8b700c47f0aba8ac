/**
 * The issuer's logo, checked and made ready to place: a JPEG as it is, a PNG without transparency.
 *
 * Transparent pixels are laid on white here, once per logo, because pdfkit would do it anew and asynchronously for every
 * document.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { invalid } from '../../errors.js';

const LARGEST_BYTES = 800_000;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Samples per pixel by colour type: grey, RGB, palette, grey and alpha, RGB and alpha. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const prepared = new WeakMap<Buffer, Buffer>();

/** Refuses what is no PNG or JPEG, or is too large (`value_is_invalid`). */
export function preparedLogo(bytes: Buffer): Buffer {
  let logo = prepared.get(bytes);
  if (logo === undefined) {
    if (bytes.length > LARGEST_BYTES) throw refused('it is larger than 800 kB');
    if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) logo = withoutTransparency(bytes);
    else if (bytes[0] === 0xff && bytes[1] === 0xd8) logo = checkedJpeg(bytes);
    else throw refused('it is neither a PNG nor a JPEG file');
    prepared.set(bytes, logo);
  }
  return logo;
}

/** Walks the segments to the frame header, which holds the size: height, width and 1, 3 or 4 channels. */
function checkedJpeg(bytes: Buffer): Buffer {
  let at = 2;
  while (at + 10 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      if (height > 0 && width > 0 && [1, 3, 4].includes(bytes.readUInt8(at + 9))) return bytes;
      break;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw refused('the JPEG file is damaged');
}

interface Png {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
  readonly palette: Buffer;
  /** tRNS: alpha by palette entry, or the one transparent colour. */
  readonly transparency: Buffer | null;
  readonly data: Buffer;
}

function withoutTransparency(bytes: Buffer): Buffer {
  const png = parsePng(bytes);
  if (CHANNELS[png.colourType] === undefined) throw refused('the PNG file is damaged');
  const isOpaque = png.transparency === null && png.colourType < 4;
  if (isOpaque && !png.interlaced) return bytes;
  if (png.interlaced || png.depth !== 8) throw refused('transparent and interlaced PNG files must be plain 8-bit ones');
  return encodeRgb(png.width, png.height, flattened(png, unfiltered(png)));
}

function parsePng(bytes: Buffer): Png {
  const chunks = new Map<string, Buffer[]>();
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.set(type, [...(chunks.get(type) ?? []), bytes.subarray(at + 8, at + 8 + length)]);
    at += length + 12;
  }
  const header = chunks.get('IHDR')?.[0];
  const data = chunks.get('IDAT');
  if (header === undefined || header.length < 13 || data === undefined) throw refused('the PNG file is damaged');
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    depth: header.readUInt8(8),
    colourType: header.readUInt8(9),
    interlaced: header.readUInt8(12) !== 0,
    palette: chunks.get('PLTE')?.[0] ?? Buffer.alloc(0),
    transparency: chunks.get('tRNS')?.[0] ?? null,
    data: Buffer.concat(data),
  };
}

/** Undoes the filter of each scan line (PNG specification, 9.2). */
function unfiltered({ width, height, colourType, data }: Png): Buffer {
  const step = CHANNELS[colourType] ?? 0;
  const stride = width * step;
  let raw: Buffer;
  try {
    raw = inflateSync(data, { maxOutputLength: 100_000_000 });
  } catch {
    throw refused('the PNG file is damaged');
  }
  if (step === 0 || raw.length < (stride + 1) * height) throw refused('the PNG file is damaged');
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)] as number;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column >= step ? (pixels[at - step] as number) : 0;
      const above = row > 0 ? (pixels[at - stride] as number) : 0;
      const corner = row > 0 && column >= step ? (pixels[at - stride - step] as number) : 0;
      pixels[at] = ((raw[row * (stride + 1) + 1 + column] as number) + predicted(filter, left, above, corner)) & 0xff;
    }
  }
  return pixels;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const estimate = left + above - corner;
      const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value)) as [
        number,
        number,
        number,
      ];
      if (toLeft <= toAbove && toLeft <= toCorner) return left;
      return toAbove <= toCorner ? above : corner;
    }
    default:
      return 0;
  }
}

/** RGB on white. */
function flattened(png: Png, pixels: Buffer): Buffer {
  const step = CHANNELS[png.colourType] as number;
  const rgb = Buffer.alloc(png.width * png.height * 3);
  for (let pixel = 0; pixel < png.width * png.height; pixel += 1) {
    const [red, green, blue, alpha] = colourAt(png, pixels, pixel * step);
    const onWhite = (value: number) => Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    rgb[pixel * 3] = onWhite(red);
    rgb[pixel * 3 + 1] = onWhite(green);
    rgb[pixel * 3 + 2] = onWhite(blue);
  }
  return rgb;
}

function colourAt(png: Png, pixels: Buffer, at: number): [red: number, green: number, blue: number, alpha: number] {
  const byte = (offset: number) => pixels[at + offset] ?? 0;
  const { transparency, palette } = png;
  switch (png.colourType) {
    case 3: {
      const entry = byte(0);
      const colour = (offset: number) => palette[entry * 3 + offset] ?? 0;
      return [colour(0), colour(1), colour(2), transparency?.[entry] ?? 255];
    }
    case 4:
      return [byte(0), byte(0), byte(0), byte(1)];
    case 6:
      return [byte(0), byte(1), byte(2), byte(3)];
    default: {
      const colour = png.colourType === 2 ? [byte(0), byte(1), byte(2)] : [byte(0), byte(0), byte(0)];
      const named = png.colourType === 2 ? [1, 3, 5] : [1, 1, 1];
      const isTransparent =
        transparency !== null && named.every((offset, index) => transparency[offset] === colour[index]);
      return [colour[0] as number, colour[1] as number, colour[2] as number, isTransparent ? 0 : 255];
    }
  }
}

function encodeRgb(width: number, height: number, rgb: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const lines = Buffer.alloc((width * 3 + 1) * height);
  for (let row = 0; row < height; row += 1)
    rgb.copy(lines, row * (width * 3 + 1) + 1, row * width * 3, (row + 1) * width * 3);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([PNG_SIGNATURE, ...chunks]);
}

/** The checksum is left at 0: only pdfkit reads this file, and it does not look. */
function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  data.copy(framed, 8);
  return framed;
}

function refused(why: string) {
  return invalid({
    field: 'logo',
    code: 'value_is_invalid',
    message: `the logo cannot be printed: ${why}`,
    suggestion: 'Use a PNG or JPEG file of at most 800 kB.',
  });
}
