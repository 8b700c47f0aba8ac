import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkedCatalog } from '../../src/catalog/catalog.js';
import { definitionsJsonSchema, schemaFiles } from '../../src/catalog/jsonSchema.js';
import { loadDefinitions } from '../../src/catalog/load.js';
import { readSource } from '../../src/catalog/source.js';
import type { ChargePrices } from '../../src/catalog/types.js';

const folder = fileURLToPath(new URL('../../plans', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const template = join(folder, 'lago.yaml.template');

describe('every shipped file', () => {
  test.each(files)('%s loads without a problem or a warning', (name) => {
    const { catalog, problems, warnings } = loadDefinitions({ settings: template, plans: join(folder, name) });
    expect([problems, warnings]).toEqual([[], []]);
    expect(catalog.plans.size).toBeGreaterThan(0);
  });

  test('all of them load together', () => {
    expect(loadDefinitions({ settings: template, plans: folder }).problems).toEqual([]);
  });

  test.each([...files, 'lago.yaml.template'])('%s names its schema in the first line', (name) => {
    const schema = name.endsWith('.template') ? `./schema/${schemaFiles.lago}` : `../schema/${schemaFiles.plans}`;
    expect(readFileSync(join(folder, name), 'utf8').split('\n')[0]).toBe(`# yaml-language-server: $schema=${schema}`);
  });
});

test('every commented setting of the template is a valid one', () => {
  const settings = readFileSync(template, 'utf8').replace(/^# (?=[a-z_0-9]+: |taxes:| {2}- )(?!yaml)/gm, '');
  const { content, problems } = readSource(settings, template);
  const { taxes, ...organization } = content as Record<string, unknown>;
  expect(Object.keys(organization)).toEqual(expect.arrayContaining(['legal_name', 'logo', 'net_payment_term']));
  expect([...problems, ...checkedCatalog({ organization, taxes }).problems]).toEqual([]);
});

describe('their figures', () => {
  const { catalog } = loadDefinitions({ settings: null, plans: folder });
  const prices = (plan: string, index = 0): ChargePrices | undefined =>
    catalog.plans.get(plan)?.charges[index]?.properties.prices;

  test('Team costs 120.00 in advance after 14 days, then 0, 0.012, 0.011 and 0.010 by tier', () => {
    expect(catalog.plans.get('segment_team')).toMatchObject({
      amountCents: 12000,
      payInAdvance: true,
      trialPeriod: 14,
    });
    expect(prices('segment_team')).toMatchObject({
      model: 'graduated',
      ranges: [
        { fromValue: '0', toValue: '10000', perUnitAmount: '0' },
        { fromValue: '10001', toValue: '25000', perUnitAmount: '0.012' },
        { fromValue: '25001', toValue: '100000', perUnitAmount: '0.011' },
        { fromValue: '100001', toValue: null, perUnitAmount: '0.01' },
      ],
    });
    expect(catalog.billableMetrics.get('mtu')).toMatchObject({ aggregationType: 'unique_count_agg', recurring: false });
  });

  test('a seat costs 10.00, by the days that it is held', () => {
    expect(prices('notion_team')).toEqual({ model: 'standard', amount: '10' });
    expect(catalog.plans.get('notion_team')?.charges[0]?.prorated).toBe(true);
    expect(catalog.billableMetrics.get('seats')?.recurring).toBe(true);
  });

  test('Basic shows the five usual charge models', () => {
    expect(catalog.plans.get('basic')).toMatchObject({
      interval: 'yearly',
      amountCents: 90000,
      billChargesMonthly: true,
    });
    const models = catalog.plans.get('basic')?.charges.map((charge) => charge.chargeModel);
    expect(models).toEqual(['standard', 'graduated', 'package', 'percentage', 'volume']);
  });
});

describe('the JSON Schemas', () => {
  type Node = {
    properties?: Record<string, Node>;
    required?: string[];
    items?: Node;
    anyOf?: Node[];
    [key: string]: unknown;
  };
  const at = (node: Node | undefined, ...path: string[]): Node | undefined => {
    const [step, ...rest] = path;
    if (node === undefined || step === undefined) return node;
    const inner = [node, ...(node.anyOf ?? [])].find(
      (each) => (step === '[]' ? each.items : each.properties) !== undefined,
    );
    return at(step === '[]' ? inner?.items : inner?.properties?.[step], ...rest);
  };

  test('close every mapping, describe every field and say what is mandatory', () => {
    const plan = at(definitionsJsonSchema('plans') as Node, 'plans', '[]');
    expect(plan).toMatchObject({
      additionalProperties: false,
      required: ['code', 'name', 'interval', 'amount_cents', 'amount_currency'],
    });
    const fields = Object.values(plan?.properties ?? {});
    expect(fields.filter(({ description }) => typeof description !== 'string')).toEqual([]);
    expect(JSON.stringify(plan)).not.toContain('"mandatory"');
  });

  test('know the prices of every model', () => {
    const schema = definitionsJsonSchema('plans') as Node;
    for (const path of [
      ['charges', '[]'],
      ['charges', '[]', 'filters', '[]'],
      ['fixed_charges', '[]'],
    ]) {
      const properties = at(schema, 'plans', '[]', ...path, 'properties');
      const tier = at(properties, 'graduated_ranges', '[]');
      expect(tier?.required).toEqual(['from_value', 'to_value', 'per_unit_amount', 'flat_amount']);
    }
  });

  test("lago.yaml may write the organization's fields at its top", () => {
    expect(at(definitionsJsonSchema('lago') as Node, 'timezone')?.description).toMatch(/IANA/);
    expect(at(definitionsJsonSchema('plans') as Node, 'timezone')).toBeUndefined();
  });
});
