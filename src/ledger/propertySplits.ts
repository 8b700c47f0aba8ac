/**
 * Names the filters that an event satisfies by one number, so that one query answers for all buckets of a charge.
 *
 * A split is the keys that a charge's filters name, each with the values that they accept. An event's number says for every
 * key which of them it has, or none: as digits of a number, one digit a key. A usage query groups by it as by a property
 * whose key no event can have.
 */
import type { Bucket, FilterValues } from '../metering/usageReader.js';
import { propertyText } from './propertyText.js';

/** No event has such a key: NUL is refused. */
const MARK = '\u0000';

export class PropertySplits {
  readonly #byName = new Map<string, Split>();
  readonly #byKey = new Map<string, Split>();

  /** Null when the bucket does not say what its charge splits by, or asks for something else. */
  of(bucket: Bucket | null): Split | null {
    if (bucket?.filters === undefined) return null;
    const name = JSON.stringify(bucket.filters);
    let split = this.#byName.get(name);
    if (split === undefined) {
      split = new Split(`${MARK}${this.#byName.size}`, bucket.filters);
      this.#byName.set(name, split);
      this.#byKey.set(split.key, split);
    }
    return split.decides(bucket) ? split : null;
  }

  /** The number of an event, by the key of a split; null for what is none. */
  number(properties: string, key: string): string | null {
    return this.#byKey.get(key)?.number(properties).toString() ?? null;
  }
}

export function isSplitKey(key: string): boolean {
  return key.startsWith(MARK);
}

export class Split {
  /** Stands for the property that is the event's number. */
  readonly key: string;
  readonly #values = new Map<string, string[]>();

  constructor(key: string, filters: readonly FilterValues[]) {
    this.key = key;
    for (const filter of filters) {
      for (const [property, values] of Object.entries(filter)) {
        this.#values.set(property, [...new Set([...(this.#values.get(property) ?? []), ...values])]);
      }
    }
  }

  decides({ matching, ignored }: Bucket): boolean {
    const combinations = [...this.#values.values()].reduce((product, values) => product * (values.length + 1), 1);
    const knows = (filter: FilterValues) =>
      Object.entries(filter).every(([property, values]) =>
        values.every((value) => this.#values.get(property)?.includes(value)),
      );
    return combinations <= Number.MAX_SAFE_INTEGER && (matching === null || knows(matching)) && ignored.every(knows);
  }

  number(properties: string): number {
    let number = 0;
    for (const [property, values] of this.#values) {
      const text = propertyText(properties, property);
      number = number * (values.length + 1) + (text === null ? 0 : values.indexOf(text) + 1);
    }
    return number;
  }

  /** Whether the events of this number are the bucket's. */
  isIn(number: number, { matching, ignored }: Bucket): boolean {
    const texts = this.#texts(number);
    const satisfies = (filter: FilterValues) =>
      Object.entries(filter).every(([property, values]) => {
        const text = texts.get(property);
        return text !== undefined && values.includes(text);
      });
    return (matching === null || satisfies(matching)) && !ignored.some(satisfies);
  }

  /** The properties of an event with this number, as far as a filter names their value. */
  #texts(number: number): Map<string, string> {
    const texts = new Map<string, string>();
    let rest = number;
    for (const [property, values] of [...this.#values].reverse()) {
      const digit = rest % (values.length + 1);
      rest = Math.floor(rest / (values.length + 1));
      if (digit > 0) texts.set(property, values[digit - 1] as string);
    }
    return texts;
  }
}
