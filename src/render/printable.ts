/**
 * Text from users, made safe to print: names and codes may hold escape sequences or marks that reverse the reading order,
 * and must neither drive a terminal nor disguise a figure.
 */

/** C0 and C1 controls, line and paragraph separators, bidirectional marks, embeddings, overrides and isolates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** For terminals: each unsafe character shows as its escape, `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? codeEscape(character));
}

/** For documents: white space becomes a space, other unsafe characters disappear. Line breaks stay when asked for. */
export function printedText(text: string, keepLineBreaks = false): string {
  const lines = text.replace(/\r\n?/g, '\n').split(keepLineBreaks ? '\n' : /\n/);
  return lines
    .map((line) => line.replaceAll('\t', ' ').replace(UNSAFE, ''))
    .join(keepLineBreaks ? '\n' : ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** JSON whose text is safe on a terminal and still the same value: unsafe characters are written as JSON escapes. */
export function safeJson(value: unknown, indent?: number): string {
  return escaped(JSON.stringify(value, null, indent));
}

/** Unsafe characters but line breaks as escapes that JSON and quoted YAML read alike: `\u001b`. */
export function escaped(text: string): string {
  return text.replace(UNSAFE, (character) => (character === '\n' ? character : codeEscape(character)));
}

/** Lines for a terminal: whatever a name brings along is shown, and only our own colours act. */
export function safeText(text: string, colour: boolean): string {
  const pieces = colour ? text.split(COLOUR) : [text];
  return pieces.map((piece, index) => (index % 2 === 1 ? piece : withoutControls(piece))).join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that set a colour
const COLOUR = /(\u001b\[[\d;]*m)/;

function withoutControls(text: string): string {
  return text.replace(UNSAFE, (character) => (/[\n\t]/.test(character) ? character : codeEscape(character)));
}

export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

function codeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
