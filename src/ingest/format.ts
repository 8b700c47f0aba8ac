/**
 * Which format an input has: said by `--format`, else told from its beginning.
 *
 * JSON and NDJSON both start with `{`; it is NDJSON when the first line is a whole object by itself, and not the beginning
 * of one `{"events": [...]}` body. What starts with neither `{` nor `[` is CSV, unless a later line of the beginning is an
 * object: then it is NDJSON with a bad line in front.
 */
import { BillingError } from '../errors.js';
import { CsvReader } from './csv.js';
import { JsonDocumentReader } from './jsonDocument.js';
import { NdjsonReader } from './ndjson.js';
import type { RecordIntake, RecordReader } from './recordIntake.js';

export const inputFormats = ['ndjson', 'json', 'csv'] as const;
export type InputFormat = (typeof inputFormats)[number];

/** Bytes looked at, at most. */
export const sniffBytes = 1 << 16;

export function readerOf(format: InputFormat, intake: RecordIntake): RecordReader {
  switch (format) {
    case 'ndjson':
      return new NdjsonReader(intake);
    case 'json':
      return new JsonDocumentReader(intake);
    case 'csv':
      return new CsvReader(intake);
  }
}

/** `name` counts where the content says nothing, and keeps a broken first line from hiding what the file is. */
export function sniffFormat(beginning: Uint8Array, name: string): InputFormat {
  if ((beginning[0] === 0xff && beginning[1] === 0xfe) || (beginning[0] === 0xfe && beginning[1] === 0xff)) {
    throw new BillingError('invalid_encoding', {
      message: `${name} is UTF-16`,
      suggestion: 'Convert it: iconv -f UTF-16 -t UTF-8.',
    });
  }
  const text = Buffer.from(beginning.buffer, beginning.byteOffset, Math.min(beginning.length, sniffBytes)).toString(
    'latin1',
  );
  const extension = /\.(ndjson|jsonl|csv|tsv)(\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  const start = text.trimStart();
  if (start.startsWith('[')) return extension === 'ndjson' || extension === 'jsonl' ? 'ndjson' : 'json';
  if (extension === 'csv' || extension === 'tsv') return 'csv';
  if (start.startsWith('{')) return firstLineIsWhole(start) ? 'ndjson' : 'json';
  if (extension !== undefined || start === '') return 'ndjson';
  return /\n\s*\{"/.test(start) ? 'ndjson' : 'csv';
}

function firstLineIsWhole(text: string): boolean {
  const end = text.indexOf('\n');
  if (/^\{\s*"(?:events|customers)"\s*:\s*\[/.test(text))
    return end >= 0 && text.slice(0, end).trimEnd().endsWith('}') && /\S/.test(text.slice(end));
  if (end < 0) return true;
  // A line that is a whole object, or that is followed by another object, is a line of NDJSON: good or bad.
  return closes(text.slice(0, end)) || /^\{/.test(text.slice(end + 1));
}

/** Whether the brackets that the line opens are closed in it. */
function closes(line: string): boolean {
  const outsideStrings = line.replace(/"(?:[^"\\]|\\.)*"?/g, '');
  const opened = outsideStrings.match(/[{[]/g)?.length ?? 0;
  return opened === (outsideStrings.match(/[}\]]/g)?.length ?? 0);
}
