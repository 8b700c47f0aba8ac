/**
 * The text of an expression cut into tokens. Only the space character separates them, and a variable such as
 * `event.properties.size` is one token, since no space may stand inside it.
 * Source: usage-and-pricing §2.6.
 */
import { type BillingError, invalid } from '../../errors.js';

export interface Token {
  readonly kind: 'number' | 'string' | 'variable' | 'word' | 'symbol' | 'end';
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /\d+(?:\.\d+)?/y],
  ['string', /'[^']*'/y],
  ['variable', /event\.(?:code|timestamp|properties\.[A-Za-z][A-Za-z0-9_]*)(?![\w.])/y],
  // A dot inside a word is never right, but `event.foo` is one mistake and not three.
  ['word', /[A-Za-z_][\w.]*/y],
  ['symbol', /[-+*/(),]/y],
];

export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] === ' ') {
      at += 1;
      continue;
    }
    const token = tokenAt(source, at);
    found.push(token);
    at += token.text.length;
  }
  found.push({ kind: 'end', text: '', column: source.length + 1 });
  return found;
}

/** The refusal of an expression: Lago's `expression: invalid_expression`, with the column where reading stopped. */
export function invalidExpression(message: string, column: number, suggestion: string): BillingError {
  return invalid({
    field: 'expression',
    code: 'invalid_expression',
    message: `${message} at column ${column}`,
    suggestion,
  });
}

function tokenAt(source: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) return { kind, text: match[0], column: at + 1 };
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  throw invalidExpression(`unexpected ${JSON.stringify(character)}`, at + 1, remedy(character));
}

function remedy(character: string): string {
  if (character === "'") return 'Close the text with another single quote.';
  if (character === '"') return "Write texts in single quotes: 'text'.";
  if (/\s/.test(character)) return 'Write the expression on one line, with spaces only between its parts.';
  if (character === '.') return 'Write numbers as 12 or 12.5, properties as event.properties.name.';
  if ('<>=!&|?%^'.includes(character))
    return 'Expressions know + - * / and functions; no comparison, condition or modulo.';
  return 'Expressions hold numbers, texts in single quotes, event.code, event.timestamp, event.properties.name, + - * / and functions.';
}
