import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeWindows, isInWindow } from '../../src/model/change-window.ts';
import type { ChangeWindow } from '../../src/model/policy.ts';

const berlin = 'Europe/Berlin';
const hours = (from: number, to: number) => ({ from: from * 60, to: to * 60 });
const workdays = { days: [1, 2, 3, 4, 5], ...hours(9, 17), timeZone: berlin };
const sundayNight = { days: [7], ...hours(1, 4), timeZone: berlin };
const fridayNight = { days: [5], ...hours(22, 6), timeZone: berlin };
const wholeMonday = { days: [1], ...hours(0, 24), timeZone: 'UTC' };

const cases: readonly (readonly [string, ChangeWindow, string, boolean])[] = [
  ['begins at its first minute', workdays, '2026-06-10T07:00:00Z', true],
  ['is closed a minute before', workdays, '2026-06-10T06:59:59Z', false],
  ['is open in its last minute', workdays, '2026-06-10T14:59:59Z', true],
  ['is closed at its end', workdays, '2026-06-10T15:00:00Z', false],
  ['is closed on other days', workdays, '2026-06-13T10:00:00Z', false],
  ['goes by the zone, not by UTC: winter', workdays, '2026-01-14T08:00:00Z', true],
  ['goes by the zone, not by UTC: winter, before', workdays, '2026-01-14T07:59:00Z', false],
  ['understands offsets of the time given', workdays, '2026-06-10T09:00:00+02:00', true],
  // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  ['spring: the hour before the gap', sundayNight, '2026-03-29T00:59:00Z', true],
  ['spring: after the gap it is 03:00', sundayNight, '2026-03-29T01:00:00Z', true],
  ['spring: 04:00 comes an hour sooner', sundayNight, '2026-03-29T02:00:00Z', false],
  // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  ['autumn: 02:30 the first time', sundayNight, '2026-10-25T00:30:00Z', true],
  ['autumn: 02:30 the second time', sundayNight, '2026-10-25T01:30:00Z', true],
  ['autumn: 03:59', sundayNight, '2026-10-25T02:59:00Z', true],
  ['autumn: 04:00 comes an hour later', sundayNight, '2026-10-25T03:00:00Z', false],
  ['over midnight: on the evening it begins', fridayNight, '2026-06-12T20:00:00Z', true],
  ['over midnight: on the morning after', fridayNight, '2026-06-13T03:59:00Z', true],
  ['over midnight: closed at its end', fridayNight, '2026-06-13T04:00:00Z', false],
  ['over midnight: not on the morning of its day', fridayNight, '2026-06-12T01:00:00Z', false],
  ['over midnight into Monday', { ...fridayNight, days: [7] }, '2026-06-14T23:30:00Z', true],
  ['lasts to the end of the day', wholeMonday, '2026-06-15T23:59:59Z', true],
  ['and not longer', wholeMonday, '2026-06-16T00:00:00Z', false],
  ['and not before', wholeMonday, '2026-06-14T23:59:59Z', false],
];

describe('a change window', () => {
  for (const [what, window, now, open] of cases) {
    it(what, () => assert.equal(isInWindow({ windows: [window] }, now), open));
  }

  it('is always open where there is none', () => {
    assert.ok(isInWindow({ windows: [] }, '2026-06-13T03:00:00Z'));
  });

  it('is one of several', () => {
    assert.ok(isInWindow({ windows: [workdays, fridayNight] }, '2026-06-13T03:00:00Z'));
  });

  it('is described as the file writes it', () => {
    const text = describeWindows({ windows: [workdays, { ...wholeMonday, days: [1, 3] }] });
    assert.equal(text, 'mon-fri 09:00-17:00 Europe/Berlin, or mon, wed 00:00-24:00 UTC');
  });
});
