/**
 * The YAML form of a mapping:
 *
 *     select: {type: [track, screen]}          # other records are left out
 *     transaction_id: {hash: [order.id, line]} # or a path: messageId
 *     code: {path: event, values: {"API Call": api_calls}, default: other}
 *     external_subscription_id: {paths: [account, user.account]}
 *     timestamp: {path: sent_at, unit: milliseconds}
 *     properties_from: payload                 # an object, taken whole
 *     properties: {bytes: payload.size, region: {constant: eu}}
 *
 * A text is a path: keys and list positions with dots between them; a list is a path whose keys may hold dots.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { BillingError, invalid, notFound, type Problem } from '../errors.js';
import { fromPlain } from '../exactJson.js';
import { eventFields } from './eventRecord.js';
import { type Mapping, mappingOf, type Path, type ValueMapping } from './mapping.js';
import { type KnownIds, type PresetName, preset, presetNames } from './mappingPresets.js';

const clockPlaces = { seconds: 0, milliseconds: 3, microseconds: 6, nanoseconds: 9 } as const;

const pathSchema = z.union([z.string().min(1), z.array(z.union([z.string(), z.number()])).min(1)]);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const valueSchema = z.union([
  pathSchema,
  z
    .strictObject({
      path: pathSchema.optional(),
      paths: z.array(pathSchema).min(1).optional(),
      constant: scalar.optional(),
      values: z.record(z.string(), scalar).optional(),
      default: scalar.optional(),
      hash: z.array(pathSchema).min(1).optional(),
      unit: z.enum(['seconds', 'milliseconds', 'microseconds', 'nanoseconds']).optional(),
    })
    .refine(
      (value) =>
        [value.path, value.paths, value.constant, value.hash].filter((from) => from !== undefined).length === 1,
      {
        message: 'needs exactly one of path, paths, constant, hash',
      },
    ),
]);

const fieldNames = [...new Set(eventFields.values())].filter((field) => field !== 'properties');

const mappingSchema = z
  .strictObject({
    select: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
    transaction_id: valueSchema,
    code: valueSchema,
    external_subscription_id: valueSchema.optional(),
    external_customer_id: valueSchema.optional(),
    timestamp: valueSchema.optional(),
    precise_total_amount_cents: valueSchema.optional(),
    properties_from: pathSchema.optional(),
    properties: z.union([pathSchema, z.record(z.string(), valueSchema)]).optional(),
  })
  .refine((mapping) => typeof mapping.properties !== 'string' || mapping.properties_from === undefined, {
    message: 'properties is a path already; give properties_from or list the properties',
  });

/** The mapping that `--map` names: a preset, or a file. Errors: `mapping_not_found`, `validation_errors`. */
export function loadMapping(name: string, ids: KnownIds): Mapping {
  if ((presetNames as readonly string[]).includes(name)) return preset(name as PresetName, ids);
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    throw new BillingError('mapping_not_found', {
      ...messageOf(notFound('mapping', name)),
      suggestion: `Name a YAML file that can be read, or one of the presets: ${presetNames.join(', ')}.`,
      cause: error,
    });
  }
  return parseMapping(text, name);
}

export function parseMapping(text: string, file: string): Mapping {
  let written: unknown;
  try {
    written = parse(text);
  } catch (error) {
    throw invalid({ field: 'map', code: 'invalid_yaml', message: (error as Error).message, location: { file } });
  }
  const checked = mappingSchema.safeParse(written);
  if (!checked.success) throw invalid(...checked.error.issues.map((issue) => problemOf(issue, written, file)));
  const mapping = checked.data;
  const fields = new Map<string, ValueMapping>();
  for (const field of fieldNames) {
    const value = mapping[field];
    if (value !== undefined) fields.set(field, valueMapping(value));
  }
  const properties = mapping.properties;
  const listed =
    properties !== undefined && typeof properties !== 'string' && !Array.isArray(properties) ? properties : {};
  const from = typeof properties === 'string' || Array.isArray(properties) ? properties : mapping.properties_from;
  return mappingOf({
    select: Object.entries(mapping.select ?? {}).map(([path, values]) => ({
      path: pathOf(path),
      values: (Array.isArray(values) ? values : [values]).map(String),
    })),
    fields,
    propertiesFrom: from === undefined ? null : pathOf(from),
    properties: new Map(Object.entries(listed).map(([name, value]) => [name, valueMapping(value)])),
  });
}

function valueMapping(written: z.infer<typeof valueSchema>): ValueMapping {
  if (typeof written === 'string' || Array.isArray(written)) return { ...empty, paths: [pathOf(written)] };
  const paths = written.paths ?? (written.path === undefined ? [] : [written.path]);
  return {
    paths: paths.map(pathOf),
    constant: written.constant === undefined ? undefined : fromPlain(written.constant),
    values:
      written.values === undefined
        ? null
        : new Map(Object.entries(written.values).map(([foreign, ours]) => [foreign, fromPlain(ours)])),
    default: written.default === undefined ? undefined : fromPlain(written.default),
    hash: written.hash?.map(pathOf) ?? null,
    clockPlaces: clockPlaces[written.unit ?? 'seconds'],
  };
}

const empty: ValueMapping = {
  paths: [],
  constant: undefined,
  values: null,
  default: undefined,
  hash: null,
  clockPlaces: 0,
};

function pathOf(written: string | readonly (string | number)[]): Path {
  return typeof written === 'string' ? written.split('.') : written.map(String);
}

function problemOf(issue: z.core.$ZodIssue, written: unknown, file: string): Problem {
  const missing = issue.path.length > 0 && valueIn(written, issue.path) === undefined;
  return {
    field: issue.path.length === 0 ? 'map' : issue.path.join('.'),
    code: missing ? 'value_is_mandatory' : 'value_is_invalid',
    message: missing ? 'is missing' : issue.message,
    suggestion: 'A value is a path (account.id) or {path | paths | constant | hash, values, default, unit}.',
    location: { file },
  };
}

function valueIn(written: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    written,
  );
}

function messageOf(error: BillingError): { message: string; exitCode: number } {
  return { message: error.message, exitCode: error.exitCode };
}
