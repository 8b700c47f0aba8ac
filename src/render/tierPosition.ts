/**
 * Where usage stands among a charge's tiers, in words: "tier 2 of 4: 1,000 units to the next price". Display only: it reads
 * the written properties of the charge and prices nothing.
 */
import { Decimal } from '../money/decimal.js';
import { formatUnits } from './money.js';

type Properties = Readonly<Record<string, unknown>>;

interface Tier {
  readonly to_value: number | string | null;
}

/** Null for models whose price does not depend on how much was used. */
export function tierPosition(properties: Properties, units: Decimal | string): string | null {
  const used = Decimal.max(new Decimal(units), 0);
  const tiers = properties.graduated_ranges ?? properties.volume_ranges ?? properties.graduated_percentage_ranges;
  if (Array.isArray(tiers)) return amongTiers(tiers as readonly Tier[], used);
  if (properties.package_size !== undefined) return inPackage(properties, used);
  return null;
}

function amongTiers(tiers: readonly Tier[], used: Decimal): string | null {
  if (tiers.length < 2) return null;
  const found = tiers.findIndex(({ to_value: to }) => to === null || used.lessThanOrEqualTo(to));
  const index = found === -1 ? tiers.length - 1 : found;
  const place = `tier ${index + 1} of ${tiers.length}`;
  const end = tiers[index]?.to_value ?? null;
  if (end === null) return place;
  const left = new Decimal(end).minus(used);
  return left.isZero()
    ? `${place}: the next unit has the next price`
    : `${place}: ${unitsText(left)} to the next price`;
}

/** 250 units of packages of 100 with 100 free: 2 packages, 50 units left in the last. */
function inPackage(properties: Properties, used: Decimal): string {
  const size = new Decimal(Number(properties.package_size));
  const free = new Decimal(Number(properties.free_units ?? 0));
  if (used.lessThan(free)) return `${unitsText(free.minus(used))} free left`;
  const packages = used.minus(free).div(size).ceil();
  const left = packages.times(size).minus(used.minus(free));
  const count = `${formatUnits(packages, 'en')} ${packages.equals(1) ? 'package' : 'packages'}`;
  return left.isZero() ? `${count}: the next unit starts another` : `${count}: ${unitsText(left)} left in the last`;
}

function unitsText(units: Decimal): string {
  return `${formatUnits(units, 'en')} ${units.equals(1) ? 'unit' : 'units'}`;
}
