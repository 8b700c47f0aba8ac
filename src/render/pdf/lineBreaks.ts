/** Breaks text into lines of a width: at spaces, between East Asian characters, and inside a word that alone is too wide. */
import type { Weight } from './fonts.js';
import { textWidth } from './textRuns.js';

/** A break may stand before and after these. */
const EAST_ASIAN = /[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\u{20000}-\u{3fffd}]/u;

/** `width` is in ems: points divided by the font size. Line breaks of the text are kept. */
export function wrapText(text: string, width: number, weight: Weight): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width, weight));
}

function wrapLine(line: string, width: number, weight: Weight): string[] {
  if (textWidth(line, weight) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  for (const unit of breakable(line)) {
    if (textWidth((current + unit).trimEnd(), weight) <= width) {
      current += unit;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trimEnd());
    current = unit.trimStart();
    while (textWidth(current.trimEnd(), weight) > width) {
      const fitting = fittingPrefix(current, width, weight);
      lines.push(fitting);
      current = current.slice(fitting.length);
    }
  }
  if (current.trim() !== '') lines.push(current.trimEnd());
  return lines;
}

function breakable(line: string): string[] {
  const units: string[] = [];
  for (const character of line) {
    const last = units.at(-1);
    const starts = last === undefined || /\s$/.test(last) || EAST_ASIAN.test(character) || EAST_ASIAN.test(last);
    if (starts && character.trim() !== '') units.push(character);
    else units[Math.max(units.length - 1, 0)] = (last ?? '') + character;
  }
  return units;
}

/** At least one character, so that wrapping always ends. */
function fittingPrefix(text: string, width: number, weight: Weight): string {
  let prefix = '';
  for (const character of text) {
    if (prefix !== '' && textWidth(prefix + character, weight) > width) break;
    prefix += character;
  }
  return prefix;
}
