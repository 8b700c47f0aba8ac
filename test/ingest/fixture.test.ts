import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Catalog } from '../../src/catalog/types.js';
import { ingestFiles } from '../../src/operations/ingest.js';
import { at } from '../support/terms.js';
import { metric, world } from './ingestWorld.js';

const file = fileURLToPath(new URL('../../fixtures/segment-october.ndjson.gz', import.meta.url));
const generator = fileURLToPath(new URL('../../fixtures/make-events.mjs', import.meta.url));

interface Generator {
  readonly figures: Readonly<
    Record<
      'users' | 'stored' | 'duplicates' | 'conflicts' | 'rejected' | 'unknownMetric' | 'unknownSubscription',
      number
    >
  >;
  segmentOctober(): string[];
}

it('the demo events are what their generator writes, and hold 26,000 users in October in New York', async () => {
  const { figures, segmentOctober } = (await import(generator)) as Generator;
  expect(gunzipSync(readFileSync(file)).toString() === `${segmentOctober().join('\n')}\n`).toBe(true);

  const w = world();
  const mtu = metric('mtu', { aggregationType: 'unique_count_agg', fieldName: 'user_id' });
  const catalog = { billableMetrics: new Map([['mtu', mtu]]) } as unknown as Catalog;
  const summary = await ingestFiles({ ...w.context, catalog }, [file]);
  expect(summary).toMatchObject({
    stored: figures.stored,
    duplicates: figures.duplicates,
    conflicts: { count: figures.conflicts },
    rejected: { count: figures.rejected },
    unmatched: {
      unknownMetric: { mtus: figures.unknownMetric },
      unknownSubscription: { sub_acmee: figures.unknownSubscription },
    },
  });
  const events = w
    .stored()
    .filter(({ code, externalSubscriptionId }) => code === 'mtu' && externalSubscriptionId === 'sub_acme');
  const inOctober = events.filter(
    ({ timestamp }) => timestamp >= at('2026-10-01T04:00:00Z') && timestamp < at('2026-11-01T04:00:00Z'),
  );
  expect(inOctober).toHaveLength(events.length);
  expect(new Set(events.map(({ properties }) => properties)).size).toBe(26_000);
  w.close();
});
