/**
 * JSON Schemas of the definition files, for completion and checks in editors (`lago-cli schema`). Made from the same
 * schemas that read the files; the rules say more than a JSON Schema can.
 */
import { z } from 'zod';
import { organizationSchema } from './organizationSchema.js';
import { chargeFilterSchema, chargeSchema, fixedChargeSchema } from './planSchema.js';
import { chargePropertiesSchema, filterValuesSchema } from './propertiesSchema.js';
import { itemSchemas, nouns, sections } from './schema.js';

export type SchemaName = 'lago' | 'plans';

/** The file that each schema is written to, below `schema/` of the project. */
export const schemaFiles: Readonly<Record<SchemaName, string>> = {
  lago: 'lago.schema.json',
  plans: 'plans.schema.json',
};

/** `lago`: of `lago.yaml`. `plans`: of the files in `plans/`. */
export function definitionsJsonSchema(name: SchemaName): Record<string, unknown> {
  const items = Object.fromEntries(
    sections.map((section) => [
      section,
      z.array(itemSchemas[section]).nullish().describe(`Every ${nouns[section]}, in any order.`),
    ]),
  );
  const organization = organizationSchema.nullish().describe('Who issues the invoices.');
  const schema = z.object({ ...(name === 'lago' ? organizationSchema.shape : {}), organization, ...items });
  const title = name === 'lago' ? 'lago.yaml' : 'Definitions of lago-cli';
  return { ...closed(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: rewrite })), title };
}

type JsonSchema = Record<string, unknown>;

interface Rewritten {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: object;
}

/** Fields read by the rules alone get the shape that the rules want. */
const READ_BY_RULES = new Map<z.core.$ZodType, z.ZodType>([
  [chargeSchema.shape.properties, chargePropertiesSchema],
  [chargeFilterSchema.shape.properties, chargePropertiesSchema],
  [fixedChargeSchema.shape.properties, chargePropertiesSchema],
  [chargeFilterSchema.shape.values, filterValuesSchema],
]);

function rewrite({ zodSchema, jsonSchema }: Rewritten): void {
  const json = jsonSchema as JsonSchema;
  const shape = READ_BY_RULES.get(zodSchema);
  if (shape !== undefined)
    Object.assign(json, withoutDialect(z.toJSONSchema(shape, { io: 'input', override: rewrite })));
  delete json.mandatory;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (zodSchema._zod.def.type !== 'object') return;
  json.additionalProperties = false;
  const required = mandatoryFields(zodSchema._zod.def.shape);
  if (required.length > 0) json.required = required;
}

function mandatoryFields(shape: Readonly<Record<string, z.core.$ZodType>>): string[] {
  return Object.entries(shape).flatMap(([key, field]) => {
    const isRequired = z.globalRegistry.get(field)?.mandatory === true || field._zod.optin === undefined;
    return isRequired ? [key] : [];
  });
}

function withoutDialect(schema: JsonSchema): JsonSchema {
  const { $schema: _dialect, ...rest } = schema;
  return rest;
}

/** Editors add `$schema` to JSON files; nothing else may stand at the top. */
function closed(schema: JsonSchema): JsonSchema {
  const properties = schema.properties as JsonSchema;
  return { ...schema, properties: { $schema: { type: 'string' }, ...properties } };
}
