/**
 * A line of text as the pieces that a page draws from left to right: each in one font, right-to-left words in their
 * visual order (Unicode bidirectional algorithm), shaping left to the font.
 */
import bidiFactory, { type Bidi } from 'bidi-js';
import { type FontName, fontFor, sharedFont, type Weight } from './fonts.js';

export interface TextPiece {
  readonly font: FontName;
  readonly text: string;
  /** At size 1. */
  readonly width: number;
}

// The package's types describe an ES module's default export; Node loads its CommonJS build, which is the factory itself.
const bidi = (bidiFactory as unknown as () => Bidi)();
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Marks without a shape of their own. Joiners stay where scripts that need them do. */
const INVISIBLE =
  /\u00ad|\u034f|\u115f|\u1160|[\u180b-\u180e]|\u200b|[\u2060-\u2064]|[\ufe00-\ufe0f]|\ufeff|[\u{e0000}-\u{e0fff}]/gu;
const JOINERS = /[\u200c\u200d]/g;
const NEEDS_JOINERS = /[\u0600-\u06ff\u0900-\u0dff]/;

/** Pieces that print the text, in visual order. */
export function textPieces(text: string, weight: Weight): TextPiece[] {
  const visible = withoutInvisible(text);
  if (!RIGHT_TO_LEFT.test(visible)) return splitByFont(visible, weight);
  return visualWords(visible).flatMap((word) => {
    const pieces = splitByFont(word.text, weight);
    return word.level % 2 === 1 ? pieces.reverse().map((piece) => turned(piece)) : pieces;
  });
}

/** Width of the text at size 1. */
export function textWidth(text: string, weight: Weight): number {
  let width = 0;
  for (const piece of textPieces(text, weight)) width += piece.width;
  return width;
}

function withoutInvisible(text: string): string {
  const visible = text.replace(INVISIBLE, '');
  return NEEDS_JOINERS.test(visible) ? visible : visible.replace(JOINERS, '');
}

/** Runs of characters of one font. A space or a combining mark stays with the run before it. */
function splitByFont(text: string, weight: Weight): TextPiece[] {
  const pieces: { font: FontName; text: string }[] = [];
  for (const character of text) {
    const last = pieces.at(-1);
    const codePoint = character.codePointAt(0) as number;
    if (last !== undefined && staysWith(last.font, character, codePoint)) last.text += character;
    else {
      const font = fontFor(codePoint, weight);
      if (last !== undefined && last.font === font) last.text += character;
      else pieces.push({ font, text: character });
    }
  }
  return pieces.map((piece) => ({ ...piece, width: widthByWords(piece.font, piece.text) }));
}

function staysWith(font: FontName, character: string, codePoint: number): boolean {
  return /[\p{Mark}\u200c\u200d]/u.test(character) && sharedFont(font).hasGlyphForCodePoint(codePoint);
}

/** pdfkit lays out word by word, each with the space after it; widths must be taken the same way. */
function widthByWords(font: FontName, text: string): number {
  let width = 0;
  for (const word of text.match(/[^ ]* |[^ ]+$/g) ?? []) width += sharedFont(font).widthOf(word);
  return width;
}

/** Words of one direction, in the order in which they stand on the page. Each is still in reading order inside. */
function visualWords(text: string): { readonly text: string; readonly level: number }[] {
  const { levels } = bidi.getEmbeddingLevels(text);
  const words: { text: string; level: number }[] = [];
  let index = 0;
  for (const character of text) {
    const level = levels[index] ?? 0;
    index += character.length;
    const last = words.at(-1);
    const breaks = character === ' ' || last?.text === ' ';
    if (last !== undefined && last.level === level && !breaks) last.text += character;
    else words.push({ text: character, level });
  }
  return reordered(words);
}

/** Rule L2: from the highest level down to the lowest odd one, reverse every run at or above it. */
function reordered<T extends { readonly level: number }>(words: readonly T[]): T[] {
  const result = [...words];
  const highest = Math.max(...words.map((word) => word.level));
  for (let level = highest; level >= 1; level -= 1) {
    let start = 0;
    while (start < result.length) {
      let end = start;
      while (end < result.length && (result[end] as T).level >= level) end += 1;
      if (end > start + 1) result.splice(start, end - start, ...result.slice(start, end).reverse());
      start = Math.max(end, start + 1);
    }
  }
  return result;
}

/**
 * Fonts reverse right-to-left letters themselves; punctuation alone they do not, so that it is turned here. Brackets face
 * the other way in both. The pieces of such a word stand in reverse order: `בע"מ` begins at its right end.
 */
function turned(piece: TextPiece): TextPiece {
  const faced = [...piece.text].map((character) => bidi.getMirroredCharacter(character) ?? character);
  return { ...piece, text: RIGHT_TO_LEFT.test(piece.text) ? faced.join('') : faced.reverse().join('') };
}
