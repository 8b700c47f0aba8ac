/**
 * The first check of what is written: every value has the type that its field wants, and no field is unknown. Whatever
 * is wrong is reported and taken out, so that the rules can go on with the rest.
 */
import type { z } from 'zod';
import { assert } from '../errors.js';
import { type Finding, isMapping, type Path, type ProblemList, shown } from './problems.js';
import { otherPropertyKeys } from './propertiesSchema.js';
import { nearest } from './suggest.js';

export function parseShape<Schema extends z.ZodObject>(
  schema: Schema,
  written: unknown,
  path: Path,
  list: ProblemList,
): z.output<Schema> {
  let result = schema.safeParse(written);
  if (!result.success) {
    const issues = result.error.issues;
    const copy = { root: structuredClone(written) };
    for (const issue of issues) {
      const at = issue.path as (string | number)[];
      list.reject([...path, ...at], finding(issue, valueAt(written, at)));
      takeOut(copy, ['root', ...at], issue, (dropped) => list.mute([...path, ...dropped.slice(1)]));
    }
    result = schema.safeParse(copy.root);
    assert(result.success, `a written item is still refused without its problems: ${result.error?.message}`);
  }
  reportUnknownFields(fieldsOf(schema), written, path, list);
  return result.data as z.output<Schema>;
}

type Issue = z.core.$ZodIssue;

function finding(issue: Issue, value: unknown): Finding {
  const code = /^[a-z]+(_[a-z]+)+$/.test(issue.message) ? issue.message : 'value_is_invalid';
  switch (issue.code) {
    case 'invalid_value': {
      const options = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, options) : undefined;
      return {
        code,
        message: `${shown(value)} is not one of ${options.join(', ')}`,
        suggestion: near === undefined ? `Use one of ${options.join(', ')}.` : `Did you mean ${near}?`,
      };
    }
    case 'too_big':
      if (typeof value !== 'string') return { code: 'value_is_out_of_range', message: `${shown(value)} is too large` };
      return { code, message: `is ${value.length} characters long, more than ${issue.maximum}` };
    case 'invalid_type':
      return { code, ...wrongType(issue.expected, value) };
    case 'invalid_union':
      return { code, message: `${shown(value)} is not a number or a text` };
    default:
      return { code, message: issue.message };
  }
}

function wrongType(expected: string, value: unknown): Pick<Finding, 'message' | 'suggestion'> {
  const message = `${shown(value)} is not ${TYPE_NAMES[expected] ?? `a ${expected}`}`;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return { message, suggestion: `Put it in quotes, "${value}": it is a text.` };
  }
  if ((expected === 'int' || expected === 'number') && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) {
    return { message, suggestion: `Write it without quotes: ${value}.` };
  }
  if (expected === 'boolean') return { message, suggestion: 'Write true or false.' };
  if (expected === 'array') return { message, suggestion: 'Write a list: [ … ], or lines that start with "- ".' };
  if (expected === 'int' && typeof value === 'number') return { message, suggestion: 'Write a whole number.' };
  return { message };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** Removes the refused value: a wrong item of a list of mappings becomes an empty one, any other wrong item its list. */
function takeOut(copy: unknown, path: readonly (string | number)[], issue: Issue, muted: (path: Path) => void): void {
  const parent = valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown> | undefined;
  const key = path.at(-1);
  if (parent === undefined || parent === null || key === undefined) return;
  const wantsMapping = issue.code === 'invalid_type' && issue.expected === 'object';
  if (wantsMapping) parent[key] = {};
  else if (!Array.isArray(parent)) delete parent[key];
  else {
    takeOut(copy, path.slice(0, -1), issue, () => {});
    muted(path.slice(0, -1));
  }
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (found === null || typeof found !== 'object') return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

/** The known fields of a mapping, or of the items of a list; null where anything may stand. */
interface Fields {
  readonly list: boolean;
  readonly known: ReadonlyMap<string, Fields | null>;
}

const compiled = new WeakMap<z.core.$ZodType, Fields | null>();

function fieldsOf(schema: z.core.$ZodType): Fields | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  let fields: Fields | null = null;
  if (def.type === 'optional' || def.type === 'nullable') fields = fieldsOf(def.innerType);
  else if (def.type === 'array') {
    const item = fieldsOf(def.element);
    fields = item === null ? null : { list: true, known: item.known };
  } else if (def.type === 'object') {
    fields = {
      list: false,
      known: new Map(Object.entries(def.shape).map(([key, field]) => [key, fieldsOf(field)])),
    };
  }
  compiled.set(schema, fields);
  return fields;
}

function reportUnknownFields(fields: Fields | null, written: unknown, path: Path, list: ProblemList): void {
  if (fields === null) return;
  if (fields.list) {
    if (!Array.isArray(written)) return;
    const item = { list: false, known: fields.known };
    for (const [index, each] of written.entries()) reportUnknownFields(item, each, [...path, index], list);
    return;
  }
  if (!isMapping(written)) return;
  for (const key of Object.keys(written)) {
    const field = fields.known.get(key);
    if (field === undefined) list.report([...path, key], unknownField(key, fields.known.keys()));
    else if (field !== null) reportUnknownFields(field, written[key], [...path, key], list);
  }
}

export function unknownField(key: string, known: Iterable<string>): Finding {
  const fields = [...known];
  const near = nearest(key, fields);
  return {
    code: 'unknown_field',
    message: `${JSON.stringify(key)} is not a known field`,
    suggestion: near === undefined ? `Remove it; the fields here are ${fields.join(', ')}.` : `Did you mean ${near}?`,
  };
}

/** Lago drops unknown keys of `properties`; a misspelt one is worth a warning. */
export function unknownProperties(properties: Record<string, unknown>, known: readonly string[]): string[] {
  return Object.keys(properties).filter((key) => !known.includes(key) && !otherPropertyKeys.includes(key));
}
