/** Reads back what an uncompressed PDF prints: glyph numbers through each font's ToUnicode map, page by page. */

export interface PdfPage {
  /** The drawn pieces of text, in the order in which they were drawn. */
  readonly pieces: readonly string[];
  readonly text: string;
}

export function pdfPages(bytes: Buffer): PdfPage[] {
  const objects = new Map<string, string>();
  for (const match of bytes.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    objects.set(match[1] as string, match[2] as string);
  }
  const maps = new Map<string, Map<string, string>>();
  const pages: PdfPage[] = [];
  for (const object of objects.values()) {
    if (!/\/Type \/Page\n/.test(object)) continue;
    const resources = objects.get(reference(object, 'Resources')) ?? '';
    const fonts = new Map(
      [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name as string, id as string]),
    );
    const contents = objects.get(reference(object, 'Contents')) ?? '';
    const pieces = [...contents.matchAll(/\/(F\d+) [\d.]+ Tf\n([\s\S]*?)ET/g)].map(([, name, drawn]) => {
      const id = fonts.get(name as string) as string;
      let map = maps.get(id);
      if (map === undefined) {
        map = unicodeMap(objects.get(reference(objects.get(id) ?? '', 'ToUnicode')) ?? '');
        maps.set(id, map);
      }
      return decoded(drawn as string, map);
    });
    pages.push({ pieces, text: pieces.join('\n') });
  }
  return pages;
}

function reference(object: string, key: string): string {
  return new RegExp(`/${key} (\\d+) 0 R`).exec(object)?.[1] ?? '';
}

function unicodeMap(stream: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [, first, entries] of stream.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)) {
    let glyph = Number.parseInt(first as string, 16);
    for (const [, units] of (entries as string).matchAll(/<([^>]*)>/g)) {
      const codes = (units as string).match(/[0-9a-f]{4}/g) ?? [];
      map.set(
        glyph.toString(16).padStart(4, '0'),
        String.fromCharCode(...codes.map((code) => Number.parseInt(code, 16))),
      );
      glyph += 1;
    }
  }
  return map;
}

function decoded(drawn: string, map: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [, hex] of drawn.matchAll(/<([0-9a-f]+)>/g)) {
    for (const glyph of (hex as string).match(/.{4}/g) ?? []) text += map.get(glyph) ?? '?';
  }
  return text;
}
