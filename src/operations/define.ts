/**
 * Definitions meet the ledger: `define` merges written definitions over what stands (scenario files), and every command
 * compares the definitions with those that the ledger used last. When they differ, the new version is kept by its hash,
 * the metered fields are projected, customers written in the files are created, and what the edit means for running
 * subscriptions and drafts happens (periods §1.2, invoicing §6.3).
 */
import { catalogFrom } from '../catalog/catalog.js';
import { mergeDefinitions } from '../catalog/definitions.js';
import type { BillableMetric, Catalog } from '../catalog/types.js';
import type { SqliteLedger } from '../ledger/sqliteLedger.js';
import type { Ledger, MeteredField } from '../ledger/types.js';
import type { Instant } from '../time/instant.js';
import type { OperationContext } from './context.js';
import { createCustomer } from './customers.js';
import { onDefinitionsChanged } from './definitionsChanged.js';
import { catalogOf, contentOf, effectiveCatalog } from './effectiveCatalog.js';

/** Definitions as written so far, and the catalog that they make. */
export interface DefinitionState {
  readonly written: unknown;
  readonly catalog: Catalog;
}

/** The hash of the files' own catalog at the last synchronization, where it is not the effective one's. */
const WRITTEN_HASH = 'written_definitions';
/** External ids of the customers that definitions created: a deleted one stays deleted. */
const DEFINED_CUSTOMERS = 'defined_customers';

export function defineInitially(ledger: Ledger, written: unknown, at: Instant): DefinitionState {
  const catalog = catalogFrom(written);
  ledger.transaction(() => syncDefinitions({ ledger, catalog, at }));
  return { written, catalog };
}

/** Merges by code. Refused as a whole when the result is not valid. */
export function defineMore(ledger: Ledger, standing: DefinitionState, input: unknown, at: Instant): DefinitionState {
  const written = mergeDefinitions(standing.written, input);
  const catalog = catalogFrom(written);
  ledger.transaction(() => syncDefinitions({ ledger, catalog, at }));
  return { written, catalog };
}

/** The context with the catalog that operations see, after the consequences of what changed. Runs in a transaction. */
export function syncDefinitions(context: OperationContext): OperationContext {
  const standing = standingDefinitions(context);
  if (standing !== null) return standing;
  const { ledger, catalog: written } = context;
  const latest = ledger.latestDefinitionsHash();
  if (latest === undefined) return adopt(context, written, null);
  const before = storedCatalog(ledger, latest);
  return adopt(context, effectiveCatalog(written, before, attachedPlans(ledger)), before);
}

/** The same without writing; null when the definitions were edited since the ledger met them last. */
export function standingDefinitions(context: OperationContext): OperationContext | null {
  const { ledger, catalog: written } = context;
  const latest = ledger.latestDefinitionsHash();
  if (latest === written.hash) return context;
  if (latest === undefined || ledger.setting(WRITTEN_HASH) !== written.hash) return null;
  return { ...context, catalog: storedCatalog(ledger, latest) };
}

function adopt(context: OperationContext, after: Catalog, before: Catalog | null): OperationContext {
  const { ledger, at, catalog: written } = context;
  const current: OperationContext = { ...context, catalog: after };
  ledger.storeDefinitions(after.hash, contentOf(after), at);
  ledger.putSetting(WRITTEN_HASH, written.hash);
  ledger.record({ at, verb: 'define', input: { definitions_hash: after.hash } });
  projectMetrics(current);
  createDefinedCustomers(current);
  if (before !== null) onDefinitionsChanged(current, before, after);
  return current;
}

/** Forgets how the events were projected for reading, and projects them anew. */
export function rebuildProjection(
  context: OperationContext & { readonly ledger: Pick<SqliteLedger, 'dropProjection'> },
): void {
  context.ledger.transaction(() => {
    context.ledger.dropProjection();
    projectMetrics(syncDefinitions(context));
  });
}

function projectMetrics({ ledger, catalog }: OperationContext): void {
  ledger.projectFields([...catalog.billableMetrics.values()].map(meteredField));
}

function createDefinedCustomers(context: OperationContext): void {
  const { ledger, catalog } = context;
  const created = new Set(JSON.parse(ledger.setting(DEFINED_CUSTOMERS) ?? '[]') as string[]);
  const known = created.size;
  for (const { externalId, attributes } of catalog.customers) {
    if (created.has(externalId)) continue;
    if (ledger.account(externalId) === undefined) createCustomer(context, { ...attributes, external_id: externalId });
    created.add(externalId);
  }
  if (created.size > known) ledger.putSetting(DEFINED_CUSTOMERS, JSON.stringify([...created]));
}

/** Codes of the plans that have, or ever had, a subscription in any state. */
function attachedPlans(ledger: Ledger): Set<string> {
  const codes = new Set<string>();
  for (const customer of ledger.allCustomers()) {
    for (const { planCode } of ledger.accountOf(customer).all('subscription')) codes.add(planCode);
  }
  return codes;
}

/** Counts read no field; unique counts compare texts; everything else reads numbers (usage-and-pricing §2.1). */
function meteredField(metric: BillableMetric): MeteredField {
  const { code, fieldName, aggregationType } = metric;
  if (fieldName === null || aggregationType === 'count_agg') return { code, fieldName: null, kind: 'none' };
  return { code, fieldName, kind: aggregationType === 'unique_count_agg' ? 'text' : 'number' };
}

const catalogs = new WeakMap<Ledger, { readonly hash: string; readonly catalog: Catalog }>();

/** Parsed once per ledger and version. */
function storedCatalog(ledger: Ledger, hash: string): Catalog {
  const known = catalogs.get(ledger);
  if (known?.hash === hash) return known.catalog;
  const catalog = catalogOf(ledger.definitions(hash) as string);
  catalogs.set(ledger, { hash, catalog });
  return catalog;
}
