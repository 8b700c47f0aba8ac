/** Every rule of definitions, over every item. Nothing stops at the first problem. */

import { checkCustomer } from './customerRules.js';
import type { Definitions } from './definitions.js';
import { checkAddOn, checkCoupon, checkPricingUnit, checkTax } from './itemRules.js';
import { lint } from './lint.js';
import { checkMetric } from './metricRules.js';
import { checkOrganization } from './organizationRules.js';
import { checkPlan } from './planRules.js';
import type { Path, ProblemList } from './problems.js';
import { checkUnique, type RuleContext, ruleContext } from './ruleContext.js';
import { type Section, sections } from './schema.js';

type Check<Item> = (item: Item, path: Path, context: RuleContext) => void;
type Item<Name extends Section> = Definitions[Name][number];

const checks: { readonly [Name in Section]: Check<Item<Name>> } = {
  taxes: checkTax,
  billable_metrics: checkMetric,
  pricing_units: checkPricingUnit,
  add_ons: checkAddOn,
  plans: checkPlan,
  coupons: checkCoupon,
  customers: checkCustomer,
};

export function checkDefinitions(definitions: Definitions, list: ProblemList): void {
  const context = ruleContext(definitions, list);
  checkOrganization(definitions.organization, ['organization'], context);
  for (const section of sections) checkSection(section, definitions, context);
  lint(definitions, list);
}

function checkSection<Name extends Section>(section: Name, definitions: Definitions, context: RuleContext): void {
  const items = definitions[section] as readonly Item<Name>[];
  const check = checks[section] as Check<Item<Name>>;
  for (const [index, item] of items.entries()) check(item, [section, index], context);
  checkUnique(items, section === 'customers' ? 'external_id' : 'code', [section], context);
}
