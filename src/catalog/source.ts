/**
 * One definition file: its text as YAML (or JSON, which is YAML), every syntax problem with its place, and the way back
 * from a path of the content to a line. Reads no file itself.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { Problem, SourceLocation } from '../errors.js';
import { Decimal } from '../money/decimal.js';
import type { Path } from './problems.js';

export interface Source {
  readonly file: string;
  /** Null when the file is empty or does not parse. */
  readonly content: unknown;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** The place of a path, or of the nearest thing around it. */
  readonly locate: (path: Path) => SourceLocation;
}

/** Syntax errors told of one file. */
const MAX_ERRORS = 50;

/** Aliases that a file may resolve; a file that needs more is an attack or a mistake. */
const MAX_ALIASES = 1000;

/** Characters of a file. The parser takes the better part of a second for each million. */
const MAX_LENGTH = 16 << 20;

export function readSource(text: string, file: string): Source {
  if (text.length > MAX_LENGTH) return tooLarge(file);
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
    schema: 'core',
    merge: true,
    lineCounter,
    prettyErrors: false,
  });
  const at = (offset: number): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const [document, second] = [...documents].filter(({ contents, errors }) => contents !== null || errors.length > 0);
  const start: SourceLocation = { file, line: 1, column: 1 };
  if (document === undefined) return { file, content: null, problems: [], warnings: [], locate: () => start };
  // One wrong bracket is a hundred thousand errors in a file that is none of ours.
  const errors = document.errors.slice(0, MAX_ERRORS);
  const problems = errors.map((error) => syntaxProblem(file, error.code, error.message, at(error.pos[0])));
  if (second !== undefined) {
    problems.push({
      field: file,
      code: 'multiple_documents',
      message: 'the file holds more than one YAML document; only one is read',
      suggestion: 'Remove the --- line, or move what follows it to a file of its own.',
      location: at(second.range[0]),
    });
  }
  const warnings = document.warnings.map((warning) =>
    syntaxProblem(file, warning.code, warning.message, at(warning.pos[0])),
  );
  const content = problems.length === 0 ? contentOf(document, file, problems) : null;
  return { file, content, problems, warnings, locate: (path) => locate(document, path, at) ?? start };
}

function tooLarge(file: string): Source {
  const problem: Problem = {
    field: file,
    code: 'file_too_large',
    message: `holds more than ${MAX_LENGTH >> 20} million characters`,
    suggestion: 'Definitions are small. Put events into a file of their own, and customers into the ledger.',
    location: { file },
  };
  return { file, content: null, problems: [problem], warnings: [], locate: () => ({ file }) };
}

function syntaxProblem(file: string, code: string, message: string, location: SourceLocation): Problem {
  const isDuplicate = code === 'DUPLICATE_KEY';
  return {
    field: file,
    code: isDuplicate ? 'duplicate_key' : 'invalid_yaml',
    message: isDuplicate ? 'the same key stands twice in one mapping' : message,
    suggestion: isDuplicate
      ? 'Keep one of them, or merge what they hold.'
      : 'Check indentation, quotes and brackets around this place.',
    location,
  };
}

function contentOf(document: Document.Parsed, file: string, problems: Problem[]): unknown {
  keepExactNumbers(document);
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    // Unresolved or excessive aliases, and nesting beyond the stack, are only found here.
    problems.push({
      field: file,
      code: 'invalid_yaml',
      message: (error as Error).message,
      suggestion: 'Check the & anchors and * aliases of the file.',
      location: { file, line: 1, column: 1 },
    });
    return null;
  }
}

/** A number that a double cannot hold as written keeps its text, which every decimal field accepts. */
export function keepExactNumbers(document: Document.Parsed): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'number' || node.source === undefined || node.source.length < 16) return;
      if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(node.source)) return;
      if (!new Decimal(node.source).eq(node.value)) node.value = node.source;
    },
  });
}

function locate(document: Document.Parsed, path: Path, at: (offset: number) => SourceLocation): SourceLocation | null {
  let node: unknown = document.contents;
  let found = placeOf(node, at);
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return found;
      // A collection begins on the next line, often: its key is what people look for.
      const isInline = isNode(pair.value) && !isCollection(pair.value);
      found = placeOf(isInline ? pair.value : pair.key, at) ?? found;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      found = placeOf(node, at) ?? found;
    } else return found;
  }
  return found;
}

function placeOf(node: unknown, at: (offset: number) => SourceLocation): SourceLocation | null {
  const range = isNode(node) ? (node as Node).range : null;
  return range == null ? null : at(range[0]);
}
