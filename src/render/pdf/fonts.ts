/**
 * The fonts of documents: read once per process and shared by every document of it.
 *
 * Inter prints Latin, Greek, Cyrillic and Vietnamese; the others step in character by character for what it lacks, so that
 * any name prints. What none of them has shows as Inter's empty box. pdfkit lays text out word by word; words are
 * remembered across documents here, and figures take tabular digits so that columns of amounts line up.
 */
import { readFileSync } from 'node:fs';
import { create, type Font, type Glyph } from 'fontkit';

/** In order of preference. The first two are weights of the main font. */
const FILES = {
  regular: 'Inter-Regular.ttf',
  semiBold: 'Inter-SemiBold.ttf',
  dejaVu: 'DejaVuSans.ttf',
  cjk: 'DroidSansFallback.ttf',
  devanagari: 'NotoSansDevanagari-Regular.ttf',
  thai: 'NotoSansThai-Regular.ttf',
} as const;

export type FontName = keyof typeof FILES;
export type Weight = 'regular' | 'semiBold';

const FALLBACKS: readonly FontName[] = ['cjk', 'dejaVu', 'devanagari', 'thai'];

/** What pdfkit needs of a font, with a layout that remembers. */
export interface SharedFont extends Font {
  /** Advance of the text at size 1. */
  readonly widthOf: (text: string) => number;
}

interface Layout {
  readonly glyphs: readonly Glyph[];
  readonly positions: readonly Position[];
  readonly advanceWidth: number;
}

interface Position {
  readonly xAdvance: number;
  readonly yAdvance: number;
  readonly xOffset: number;
  readonly yOffset: number;
}

const REMEMBERED_WORDS = 20_000;
const FIGURE_CHARACTERS = '0123456789.,+-%€$£¥ ';
const FIGURE = /^[\d.,+\-%€$£¥]+ ?$/;

const loaded = new Map<FontName, SharedFont>();
const fontsOfCharacters: Record<Weight, Map<number, FontName>> = { regular: new Map(), semiBold: new Map() };

export function sharedFont(name: FontName): SharedFont {
  let font = loaded.get(name);
  if (font === undefined) {
    font = load(name);
    loaded.set(name, font);
  }
  return font;
}

/** The font that prints a character: the main one, or the first fallback that has it, or the main one's empty box. */
export function fontFor(codePoint: number, weight: Weight): FontName {
  const known = fontsOfCharacters[weight].get(codePoint);
  if (known !== undefined) return known;
  const has = (name: FontName) => sharedFont(name).hasGlyphForCodePoint(codePoint);
  const name = has(weight) ? weight : (FALLBACKS.find(has) ?? weight);
  fontsOfCharacters[weight].set(codePoint, name);
  return name;
}

function load(name: FontName): SharedFont {
  const font = create(readFileSync(new URL(`../../../assets/fonts/${FILES[name]}`, import.meta.url))) as Font;
  giveOwnCharacters(font);
  const words = new Map<string, Layout>();
  const tabular = tabularGlyphs(font);

  const laidOut = (text: string): Layout => {
    let layout = words.get(text);
    if (layout === undefined) {
      layout = (FIGURE.test(text) && figures(text, tabular)) || shaped(font, text);
      if (words.size >= REMEMBERED_WORDS) words.clear();
      words.set(text, layout);
    }
    return layout;
  };
  return Object.assign(Object.create(font) as SharedFont, {
    getGlyph: remembering(font),
    // pdfkit scales the positions that it gets in place, so each call gets its own.
    layout: (text: string) => {
      const { glyphs, positions, advanceWidth } = laidOut(text);
      return { glyphs, positions: positions.map((position) => ({ ...position })), advanceWidth };
    },
    widthOf: (text: string) => laidOut(text).advanceWidth / font.unitsPerEm,
  });
}

/**
 * fontkit keeps a glyph with the characters that it first stood for, and goes by them when it shapes text, as pdfkit does
 * when it says what can be copied from a document. Some glyphs stand for several characters (Ω and the ohm sign, the space
 * that breaks and the one that does not): what one document says must not depend on the documents before it.
 */
function giveOwnCharacters(font: Font): void {
  const shared = font.getGlyph.bind(font);
  font.getGlyph = (id, codePoints = []) => {
    const glyph = shared(id, codePoints);
    if (codePoints.length === glyph.codePoints.length && codePoints.every((each, i) => each === glyph.codePoints[i])) {
      return glyph;
    }
    return Object.assign(Object.create(glyph) as Glyph, {
      codePoints,
      isLigature: codePoints.length > 1,
      isMark: codePoints.length > 0 && codePoints.every((each) => MARK.test(String.fromCodePoint(each))),
    });
  };
}

const MARK = /^\p{M}$/u;

/** What a subset of the font asks of each glyph: whether others are parts of it. */
interface DecodedGlyph {
  readonly numberOfContours: number;
  readonly components?: unknown;
}

/** Glyphs that decode their outlines once: every document's subset of the font would do it anew. */
function remembering(font: Font): Font['getGlyph'] {
  const glyphs = new Map<number, Glyph>();
  return (id, codePoints) => {
    let glyph = glyphs.get(id);
    if (glyph === undefined) {
      glyph = font.getGlyph(id, codePoints);
      const decoded = (glyph as Glyph & { _decode?: () => DecodedGlyph | null })._decode?.() ?? null;
      const parts = decoded && { numberOfContours: decoded.numberOfContours, components: decoded.components };
      Object.assign(glyph, { _decode: () => parts });
      glyphs.set(id, glyph);
    }
    return glyph;
  };
}

/** Inter's contextual alternates would draw `->` as an arrow; names print as they are written. */
function shaped(font: Font, text: string): Layout {
  const run = font.layout(text, { calt: false } as never);
  const positions = run.positions.map(({ xAdvance, yAdvance, xOffset, yOffset }) => ({
    xAdvance,
    yAdvance,
    xOffset,
    yOffset,
  }));
  return { glyphs: run.glyphs, positions, advanceWidth: run.advanceWidth };
}

function figures(text: string, tabular: ReadonlyMap<string, Glyph>): Layout | null {
  const glyphs: Glyph[] = [];
  for (const character of text) {
    const glyph = tabular.get(character);
    if (glyph === undefined) return null;
    glyphs.push(glyph);
  }
  const positions = glyphs.map((glyph) => ({ xAdvance: glyph.advanceWidth, yAdvance: 0, xOffset: 0, yOffset: 0 }));
  return { glyphs, positions, advanceWidth: glyphs.reduce((sum, glyph) => sum + glyph.advanceWidth, 0) };
}

function tabularGlyphs(font: Font): ReadonlyMap<string, Glyph> {
  const glyphs = new Map<string, Glyph>();
  if (!font.availableFeatures.includes('tnum')) return glyphs;
  for (const character of FIGURE_CHARACTERS) {
    const [glyph] = font.layout(character, ['tnum']).glyphs;
    if (glyph !== undefined) glyphs.set(character, glyph);
  }
  return glyphs;
}
