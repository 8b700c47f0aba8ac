import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from '../../src/render/pdf/lineBreaks.js';
import { textPieces, textWidth } from '../../src/render/pdf/textRuns.js';

const pieces = (text: string) => textPieces(text, 'regular').map((piece) => piece.text);
const fonts = (text: string) => textPieces(text, 'regular').map((piece) => piece.font);

describe('pieces of a line', () => {
  it('change font where the main one lacks a character', () => {
    expect(pieces('Tokyo 東京 2025')).toEqual(['Tokyo ', '東京', ' 2025']);
    expect(fonts('Tokyo 東京 2025')).toEqual(['regular', 'cjk', 'regular']);
    expect(fonts('Ελληνικά Русский Łódź')).toEqual(['regular']);
  });

  it('stand from left to right as they are read: words of right-to-left text reversed, numbers not', () => {
    expect(pieces('שלום עולם').filter((text) => text !== ' ')).toEqual(['עולם', 'שלום']);
    expect(pieces('שלום 123').filter((text) => text !== ' ')).toEqual(['123', 'שלום']);
    expect(pieces('Acme שלום עולם Ltd').filter((text) => text.trim() !== '')).toEqual(['Acme', 'עולם', 'שלום', 'Ltd']);
  });

  it('reverse inside a right-to-left word that two fonts print: its quotation mark stays before its last letter', () => {
    expect(pieces('בע"מ')).toEqual(['מ', '"', 'בע']);
  });

  it('mirror brackets', () => {
    expect(pieces('(שלום)').join('')).toBe('(שלום)');
    expect(pieces('(שלום)')).toEqual(['(', 'שלום', ')']);
  });

  it('drop marks that have no shape', () => {
    expect(pieces('a\u200bb\ufe0f\u2060')).toEqual(['ab']);
  });

  it('measure what they print', () => {
    expect(textWidth('11', 'regular')).toBeCloseTo(textWidth('88', 'regular'), 10);
    expect(textWidth('WWW', 'regular')).toBeGreaterThan(textWidth('iii', 'regular'));
  });
});

describe('wrapping', () => {
  it('breaks at spaces, and between East Asian characters', () => {
    expect(wrapText('one two three', textWidth('one two', 'regular'), 'regular')).toEqual(['one two', 'three']);
    expect(wrapText('東京都港区', 3, 'regular')).toEqual(['東京都', '港区']);
    expect(wrapText('a\nb', 10, 'regular')).toEqual(['a', 'b']);
  });

  it('loses no character and makes no line too wide', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 4, max: 20 }), (text, width) => {
        const line = text.replace(/\s+/g, ' ');
        const lines = wrapText(line, width, 'regular');
        expect(lines.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
        for (const wrapped of lines) {
          if ([...wrapped].length > 1)
            expect(textWidth(wrapped.trimEnd(), 'regular')).toBeLessThanOrEqual(width + 1e-9);
        }
      }),
      { numRuns: 200 },
    );
  });
});
