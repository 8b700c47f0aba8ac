import { describe, expect, test } from 'vitest';
import { eventProperties, numericValue } from '../../src/metering/propertyText.js';

describe('a property as text', () => {
  test.each([
    ['{"value": "2"}', '2'],
    ['{"value": 2}', '2'],
    ['{"value": 2.0}', '2.0'],
    ['{"value": 12345678901234567890.123456789}', '12345678901234567890.123456789'],
    ['{"value": 1e21}', '1000000000000000000000'],
    ['{"value": true}', 'true'],
    ['{"value": null}', null],
    ['{}', null],
    ['{"value": {"a": [1, "b"]}}', '{"a":[1,"b"]}'],
  ])('%s is %s', (json, text) => {
    expect(eventProperties(json).text('value')).toBe(text);
  });

  test.each(['-1', '0', '12.50', '007'])('%s is numeric', (text) => {
    expect(numericValue(text)).not.toBeNull();
  });

  test.each(['+5', '.5', '5.', ' 5', '1e3', '', 'true', null])('%s is not numeric', (text) => {
    expect(numericValue(text)).toBeNull();
  });

  test.each(['{"v": ""}', '{"v": " "}', '{"v": null}', '{"v": false}', '{"v": []}', '{}'])('%s is blank', (json) => {
    expect(eventProperties(json).isBlank('v')).toBe(true);
  });

  test.each(['{"v": 0}', '{"v": "a"}', '{"v": true}'])('%s is not blank', (json) => {
    expect(eventProperties(json).isBlank('v')).toBe(false);
  });
});
