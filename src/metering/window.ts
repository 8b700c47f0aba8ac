/** The window that a charge is metered over, as the billing calendar hands it over (usage-and-pricing, inputs). */
import type { Instant } from '../time/instant.js';
import type { ZoneName } from '../time/zone.js';

export interface UsageWindow {
  /** Inclusive. The exact start of the subscription when it started inside the period. */
  readonly from: Instant;
  /** Inclusive: the last microsecond of the period's last day, or the termination. */
  readonly to: Instant;
  /** Days of the whole grid period that holds `from`; never shortened. */
  readonly durationDays: number;
  /** The customer's applicable zone. */
  readonly zone: ZoneName;
  /** Events after it are not counted; absent, it is `to`. An event exactly at a switch belongs to the new subscription. */
  readonly eventsTo?: Instant;
  /** True when the subscription ended by upgrade at `to`: that day belongs to the new plan (SUBDAYS = DAYS − 1). */
  readonly endedByUpgrade: boolean;
}
