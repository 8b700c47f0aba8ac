/** A definition by its code, or the refusal that names the nearest one. */
import { notFound } from '../errors.js';
import { nearest } from './suggest.js';

/** Resources, each with the command that lists it. */
const LISTS = {
  plan: 'plans',
  billable_metric: 'billable-metrics',
  tax: 'taxes',
  add_on: 'add-ons',
  coupon: 'coupons',
} as const;

export function definitionNamed<T>(items: ReadonlyMap<string, T>, resource: keyof typeof LISTS, code: string): T {
  const found = items.get(code);
  if (found !== undefined) return found;
  const near = nearest(code, items.keys());
  const list = `\`lago-cli ${LISTS[resource]} list\``;
  throw notFound(
    resource,
    code,
    near === undefined ? `See them with ${list}.` : `Did you mean ${JSON.stringify(near)}? See them with ${list}.`,
  );
}
