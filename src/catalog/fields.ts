/**
 * The vocabulary of field types that the written form is made of. Every field may be left out or null here: what is
 * mandatory, and with which of Lago's codes its absence is refused, is said by the rules, so that one pass reports
 * everything. `mandatory` marks a field for the JSON Schema that editors read.
 *
 * A schema's error text, where given, is the Lago code of a wrong type.
 */
import { z } from 'zod';

/** Metadata that the JSON Schema is made from; see `jsonSchema.ts`. */
export interface FieldMeta {
  readonly mandatory?: boolean;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
}

export function text(description: string, meta: FieldMeta = {}) {
  return z
    .string()
    .nullish()
    .meta({ ...meta, description });
}

/** A text that Lago's database keeps in 255 characters. */
export function shortText(description: string, meta: FieldMeta = {}) {
  return z
    .string()
    .max(255, 'value_is_too_long')
    .nullish()
    .meta({ ...meta, description });
}

export function flag(description: string, meta: FieldMeta = {}) {
  return z
    .boolean()
    .nullish()
    .meta({ ...meta, description });
}

export function integer(description: string, meta: FieldMeta = {}) {
  return z
    .int()
    .nullish()
    .meta({ ...meta, description });
}

export function number(description: string, meta: FieldMeta = {}) {
  return z
    .number()
    .nullish()
    .meta({ ...meta, description });
}

/** A decimal given as a number, or as text where more digits are wanted than a number keeps. */
export function decimal(description: string, meta: FieldMeta = {}) {
  return z
    .union([z.number(), z.string()])
    .nullish()
    .meta({ ...meta, description });
}

export function choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
  meta: FieldMeta = {},
  code = 'value_is_invalid',
) {
  return z
    .enum(values, code)
    .nullish()
    .meta({ ...meta, description });
}

/** A list of texts. Scalars are taken by their text, so that `[512, 1024]` is `["512", "1024"]`. */
export function texts(description: string, meta: FieldMeta = {}) {
  return z
    .array(z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .nullish()
    .meta({ ...meta, description });
}

export function list<Item extends z.ZodType>(item: Item, description: string, meta: FieldMeta = {}) {
  return z
    .array(item)
    .nullish()
    .meta({ ...meta, description });
}

/** Whatever is written: the rules read it, and `jsonSchema.ts` says how it looks. */
export function anything(description: string, meta: FieldMeta = {}) {
  return z
    .unknown()
    .optional()
    .meta({ ...meta, description });
}
