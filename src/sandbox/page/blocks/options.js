// The options a select offers, wherever they come from.

const asOption = (text, value) => ({ text: { type: 'plain_text', text }, value });

const people = (ctx) =>
  [...ctx.users.values()]
    .filter((user) => user.kind !== 'deleted')
    .map((user) => asOption(user.realName || user.name, user.id));

const channels = (ctx) =>
  [...ctx.channels.values()]
    .filter((channel) => channel.kind !== 'im' && !channel.archived)
    .map((channel) => asOption(`#${channel.name}`, channel.id));

function options(element) {
  if (element.option_groups) return element.option_groups;
  return [{ label: null, options: element.options ?? [] }];
}

/** Groups of options: `{label, options}`; a group without a label is a plain list. */
export function localGroups(element, ctx) {
  if (element.type.includes('users')) return [{ label: null, options: people(ctx) }];
  if (/channels|conversations/.test(element.type)) return [{ label: null, options: channels(ctx) }];
  return options(element);
}

const KEYS = [
  ['users', 'user'],
  ['channels', 'channel'],
  ['conversations', 'conversation'],
];

/** The names under which an element keeps its value, and how a list of options becomes it. */
export function valueShape(element) {
  const isMulti = element.type.startsWith('multi_');
  const [, noun] = KEYS.find(([part]) => element.type.includes(part)) ?? [null, null];
  const name = `${noun ?? 'option'}${isMulti ? 's' : ''}`;
  const one = (option) => (noun ? option.value : option);
  return {
    isMulti,
    key: `selected_${name}`,
    initialKey: `initial_${name}`,
    toValue: (chosen) => (isMulti ? chosen.map(one) : chosen[0] ? one(chosen[0]) : null),
    toOptions: (value, all) =>
      [value ?? []].flat().map((item) => (noun ? (all.find((o) => o.value === item) ?? asOption(item, item)) : item)),
  };
}
