/** Reads an operation's input: snake_case fields as in Lago's API, refused field by field with Lago's codes. */
import type { z } from 'zod';
import { invalid, type Problem } from '../errors.js';

export function parseInput<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw invalid(...result.error.issues.flatMap(problemsOf));
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, key].join('.'),
      code: 'unknown_field',
      message: 'is not a field of this operation',
      suggestion: 'Check its spelling; --help lists the fields.',
    }));
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [
    {
      field: path.join('.') || 'input',
      code: missing ? 'value_is_mandatory' : issue.code === 'too_big' ? 'value_is_too_long' : 'value_is_invalid',
      message: missing ? 'is missing' : issue.message,
    },
  ];
}
