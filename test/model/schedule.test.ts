import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextRun, nextRuns, runsBetween } from '../../src/jobs/digests/schedule-preview.ts';
import { isInForce, parseEnd } from '../../src/model/mute.ts';
import { describeTiming, parseTiming, type Timing } from '../../src/model/schedule.ts';
import { UsageError } from '../../src/model/sources.ts';

const zone = 'Europe/Berlin';

describe('a schedule in words', () => {
  for (const [typed, pattern, timeZone = zone] of [
    ['weekdays 9:00 Europe/Berlin', '0 9 * * 1-5'],
    ['weekdays 9:00', '0 9 * * 1-5'],
    ['every weekday at 9:00', '0 9 * * 1-5'],
    ['daily 08:30', '30 8 * * *'],
    ['every day at 8:30 UTC', '30 8 * * *', 'UTC'],
    ['weekends 10:00', '0 10 * * 0,6'],
    ['mondays 9:00 America/New_York', '0 9 * * 1', 'America/New_York'],
    ['Mondays and Thursdays at 17:05 europe/berlin', '5 17 * * 1,4'],
    ['mon, wed,fri 9:00', '0 9 * * 1,3,5'],
    ['mon tue wed thu fri 9:00', '0 9 * * 1,2,3,4,5'],
    ['every 6h', '0 */6 * * *'],
    ['every 6 hours UTC', '0 */6 * * *', 'UTC'],
    ['every 24h', '0 0 * * *'],
    ['hourly', '0 * * * *'],
    ['every hour', '0 * * * *'],
    ['0 9 * * 1-5 Europe/Berlin', '0 9 * * 1-5'],
    ['0 9 * jan mon-fri', '0 9 * 1 1-5'],
    ['15 0-20/4 1,15 * *', '15 0-20/4 1,15 * *'],
    ['0 3,1,1 * * *', '0 1,3 * * *'],
    ['0 *,3 * * *', '0 * * * *'],
    ['0 9 * * *,1', '0 9 * * *'],
    ['0 9 * * 0-3,2,7', '0 9 * * 0,1,2,3'],
    ['0 9 31,*/10 2,1,2 *', '0 9 1,11,21,31 1,2 *'],
  ] as const) {
    it(`reads ${typed}`, () => assert.deepEqual(parseTiming(typed, zone), { pattern, timeZone }));
  }

  for (const [typed, hint] of [
    ['', /weekdays 9:00/],
    ['9:00', /which days/],
    ['weekdays', /no time/],
    ['weekdays 25:00', /time of the day/],
    ['fundays 9:00', /fundays/],
    ['weekdays 9:00 Berlin', /Europe\/Berlin\?/],
    ['weekdays 9:00 Europe/Berln', /Europe\/Berlin\?/],
    ['weekdays 9:00 CET', /Say for example Europe/],
    ['weekdays 9:00 +02:00', /time zone/],
    ['weekdays 9:00 UTC now', /now/],
    ['every 5h', /1, 2, 3, 4, 6, 8, 12 or 24/],
    ['every 0h', /1, 2, 3, 4, 6, 8, 12 or 24/],
    ['*/5 * * * *', /once an hour/],
    ['0,30 9 * * *', /once an hour/],
    ['60 9 * * *', /minute/],
    ['0 24 * * *', /hour/],
    ['0 9 * * 8', /day of the week/],
    ['0 9 * 13 *', /month/],
    ['0 9 30 2 *', /no such day/],
    ['0 9 30 2 *,1', /no such day/],
    ['0 */0 * * *', /hour/],
    ['0 9-5 * * *', /hour/],
  ] as const) {
    it(`refuses ${JSON.stringify(typed)} and says what to say`, () => {
      assert.throws(
        () => parseTiming(typed, zone),
        (error) => error instanceof UsageError && hint.test(error.message),
      );
    });
  }

  for (const [typed, said] of [
    ['weekdays 9:00', 'on weekdays at 9:00 (Europe/Berlin)'],
    ['every 12h UTC', 'every day at 0:00 and 12:00 (UTC)'],
    ['15 * * * *', 'every hour at :15 (Europe/Berlin)'],
    ['0 9 1 1 *', 'on day 1 of the month in January at 9:00 (Europe/Berlin)'],
    ['0 9 * * 0,7', 'on Sundays at 9:00 (Europe/Berlin)'],
  ] as const) {
    it(`says ${said}`, () => assert.equal(describeTiming(parseTiming(typed, zone)), said));
  }
});

describe('whatever is read as cron', () => {
  it('comes at some time', () => {
    const part = fc
      .tuple(fc.constantFrom('*', '1', '2', '3', '1-3', '2-7'), fc.constantFrom('', '', '/2'))
      .map((both) => both.join(''));
    const field = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
    fc.assert(
      fc.property(fc.tuple(field, field, field, field), (fields) => {
        const now = new Date('2026-11-22T10:00:00Z');
        assert.ok(nextRun(parseTiming(`0 ${fields.join(' ')}`, zone), now) > now);
      }),
    );
  });
});

describe('the next runs of a schedule', () => {
  const at = (typed: string, from: string, count: number) =>
    nextRuns(parseTiming(typed, zone), new Date(from), count).map((date) => date.toISOString().slice(5, 16));

  for (const [what, typed, from, expected] of [
    [
      'keep to the clock as summer time begins',
      'daily 9:00',
      '2026-03-28T00:00Z',
      ['03-28T08:00', '03-29T07:00', '03-30T07:00'],
    ],
    [
      'keep to the clock as summer time ends',
      'daily 9:00',
      '2026-10-24T00:00Z',
      ['10-24T07:00', '10-25T08:00', '10-26T08:00'],
    ],
    [
      'are not lost in the hour that is left out',
      'daily 2:30',
      '2026-03-28T00:00Z',
      ['03-28T01:30', '03-29T01:30', '03-30T00:30'],
    ],
    [
      'come once in the hour that is there twice',
      'daily 2:30',
      '2026-10-24T00:00Z',
      ['10-24T00:30', '10-25T00:30', '10-26T01:30'],
    ],
    [
      'do not coincide after the hour that is left out',
      '0 2,3 * * *',
      '2026-03-28T12:00Z',
      ['03-29T01:00', '03-30T00:00', '03-30T01:00'],
    ],
    [
      'come every hour as summer time begins',
      'hourly',
      '2026-03-28T23:30Z',
      ['03-29T00:00', '03-29T01:00', '03-29T02:00'],
    ],
    [
      'come every hour as summer time ends',
      'hourly',
      '2026-10-24T23:30Z',
      ['10-25T00:00', '10-25T01:00', '10-25T02:00'],
    ],
    ['in America too', 'daily 2:30 America/New_York', '2026-03-07T12:00Z', ['03-08T07:30', '03-09T06:30']],
    [
      'where the clock jumps by half an hour',
      'daily 2:15 Australia/Lord_Howe',
      '2026-10-02T12:00Z',
      ['10-02T15:45', '10-03T15:45', '10-04T15:15'],
    ],
    [
      'where it goes back by half an hour',
      'daily 1:45 Australia/Lord_Howe',
      '2026-04-03T12:00Z',
      ['04-03T14:45', '04-04T14:45', '04-05T15:15'],
    ],
    [
      'where midnight is left out',
      'daily 0:30 America/Santiago',
      '2026-09-05T00:00Z',
      ['09-05T04:30', '09-06T04:30', '09-07T03:30'],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(at(typed, from, expected.length), expected));
  }

  it('are the same taken one by one, always later, and never two for one day', () => {
    const timing: Timing = { pattern: '30 2 * * *', timeZone: zone };
    const runs = nextRuns(timing, new Date('2026-01-01T00:00Z'), 365);
    for (const [index, one] of runs.entries()) {
      const before = runs[index - 1];
      if (before !== undefined) {
        assert.deepEqual(nextRun(timing, new Date(before.getTime() + 1)), one);
        const hours = (one.getTime() - before.getTime()) / 3_600_000;
        assert.ok(hours >= 23 && hours <= 25, `${hours} h at ${one.toISOString()}`);
      }
    }
  });

  it('that were missed are counted, and the last of them named', () => {
    const [after, before] = [new Date('2026-11-02T07:30Z'), new Date('2026-11-06T08:00Z')];
    const { runs, count } = runsBetween(parseTiming('weekdays 9:00', zone), { after, before, most: 2 });
    assert.equal(count, 4);
    assert.deepEqual(
      runs.map((run) => run.toISOString()),
      ['2026-11-04T08:00:00.000Z', '2026-11-05T08:00:00.000Z'],
    );
  });
});

describe('the end of a mute', () => {
  const now = '2026-11-25T09:00:00.000Z';
  for (const [typed, expected] of [
    ['7d', '2026-12-02T09:00:00.000Z'],
    ['for 12h', '2026-11-25T21:00:00.000Z'],
    ['2w', '2026-12-09T09:00:00.000Z'],
    ['until 2026-12-01', '2026-12-01T00:00:00.000Z'],
    ['90d', '2027-02-23T09:00:00.000Z'],
  ] as const) {
    it(`is read from ${typed}`, () => assert.equal(parseEnd(typed, now), expected));
  }

  for (const typed of ['', '7', 'soon', '0d', '91d', 'until 2026-11-20', '2026-02-30', '2026-13-01', '-3d']) {
    it(`is not ${JSON.stringify(typed)}`, () => assert.throws(() => parseEnd(typed, now), UsageError));
  }

  it('is when it is no longer in force', () => {
    const mute = { at: now, until: parseEnd('1h', now) };
    const inForce = ['08:59:59', '09:00:00', '09:59:59', '10:00:00'].map((time) =>
      isInForce(mute, `2026-11-25T${time}.000Z`),
    );
    assert.deepEqual(inForce, [false, true, true, false]);
  });
});
