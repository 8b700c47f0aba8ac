/**
 * The part that all usage queries share: which points of the projection a selection means, by SQL.
 *
 * Without bucket and groups only the points are read: one range of one series. Properties are read from the events
 * through `property_text`, and only where a filter or a group asks for one. The field of a unique count is not: its values
 * stand in the points by their ids.
 */
import type { EventSelection, FilterValues, GroupedBy } from '../metering/usageReader.js';
import { isSplitKey } from './propertySplits.js';

interface FromOptions {
  /** Join the events `e` even where no property is asked for. */
  readonly events?: boolean;
  /** Instead of the selection's window, the spans of `days`, a list of [day, first, last] that @days holds as JSON. */
  readonly days?: boolean;
}

export interface UsageQuery {
  /** `FROM … WHERE …` over points `p` of the given table. */
  readonly from: (table: 'usage_points' | 'usage_wide_values', options?: FromOptions) => string;
  /** One expression per group key. */
  readonly groups: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `textIds` answers the ids of texts where points hold the selection's field so; null where they hold numbers. */
export function usageQuery(
  selection: EventSelection,
  schema: 'main' | 'temp',
  seriesId: number,
  textIds: ((texts: readonly string[]) => readonly number[]) | null = null,
): UsageQuery {
  const from = selection.from ?? Number.MIN_SAFE_INTEGER;
  const parameters: Record<string, unknown> = { series: seriesId, from, to: selection.to };
  let names = 0;
  const bind = (value: unknown): string => {
    names += 1;
    parameters[`p${names}`] = value;
    return `@p${names}`;
  };
  const text = (key: string): string =>
    `${isSplitKey(key) ? 'property_split' : 'property_text'}(e.properties, ${bind(key)})`;
  let needsEvents = selection.groupKeys.length > 0;
  const isIn = (key: string, values: readonly string[]): string => {
    if (textIds !== null && key === selection.fieldName)
      return `abs(p.value) IN (${textIds(values).map(bind).join(', ')})`;
    needsEvents = true;
    return `${text(key)} IN (${values.map(bind).join(', ')})`;
  };
  const satisfies = (filter: FilterValues): string =>
    ['TRUE', ...Object.entries(filter).map(([key, values]) => isIn(key, values))].join(' AND ');

  const conditions: string[] = [];
  if (selection.toSequence !== null) {
    conditions.push(`(p.timestamp_us < @to OR p.seq <= ${bind(selection.toSequence)})`);
  }
  if (selection.throughSequence !== undefined) conditions.push(`p.seq <= ${bind(selection.throughSequence)}`);
  if (selection.bucket !== null) {
    const { matching, ignored } = selection.bucket;
    if (matching !== null) conditions.push(`(${satisfies(matching)})`);
    for (const filter of ignored) conditions.push(`(${satisfies(filter)}) IS NOT TRUE`);
  }
  const groups = selection.groupKeys.map((key) => `nullif(${text(key)}, '')`);
  const group = selection.group;
  if (group !== null) {
    for (const [i, key] of selection.groupKeys.entries())
      conditions.push(`${groups[i]} IS ${bind(group[key] ?? null)}`);
  }

  return {
    from: (table, { events = false, days = false } = {}) => {
      const join = needsEvents || events ? 'CROSS JOIN events e ON e.seq = p.seq' : '';
      const span = days
        ? 'p.timestamp_us BETWEEN d.value ->> 1 AND d.value ->> 2'
        : 'p.timestamp_us BETWEEN @from AND @to';
      const where = ['p.series_id = @series', span, ...conditions].join(' AND ');
      return `FROM ${days ? 'json_each(@days) d CROSS JOIN ' : ''}${schema}.${table} p ${join} WHERE ${where}`;
    },
    groups,
    parameters,
  };
}

const UNGROUPED: GroupedBy = {};

/** The group that a row's leading columns name. */
export function groupedBy(selection: EventSelection, row: readonly unknown[]): GroupedBy {
  if (selection.groupKeys.length === 0) return UNGROUPED;
  return Object.fromEntries(selection.groupKeys.map((key, i) => [key, row[i] as string | null]));
}
