// Dates and times, with the browser's own pickers.

import { h } from '../dom.js';
import { changed, controlAttributes, startValue } from './values.js';

function picker(type, key, initialKey, toField, fromField) {
  return (element, ctx) => {
    const start = startValue(element, ctx, key, initialKey);
    const onchange = (event) => {
      const { value } = event.currentTarget;
      return changed(element, ctx, { [key]: value === '' ? null : fromField(value) });
    };
    const field = h('input', { type, class: 'field-input picker', ...controlAttributes(element, ctx), onchange });
    field.value = start === null ? '' : toField(start);
    return field;
  };
}

const same = (value) => value;
const twoDigits = (number) => String(number).padStart(2, '0');

function localDateTime(seconds) {
  const at = new Date(seconds * 1000);
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join('-');
  return `${day}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

const toSeconds = (value) => Math.floor(new Date(value).getTime() / 1000);

export const datePicker = picker('date', 'selected_date', 'initial_date', same, same);
export const timePicker = picker('time', 'selected_time', 'initial_time', same, same);
export const dateTimePicker = picker(
  'datetime-local',
  'selected_date_time',
  'initial_date_time',
  localDateTime,
  toSeconds,
);
