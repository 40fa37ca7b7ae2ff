import {
  anyText,
  confirm,
  id,
  imageElement,
  option,
  optionGroups,
  options,
  plainText,
  richOption,
  richText,
} from './composition.ts';
import { address, anything, type Check, flag, listOf, oneOf, rule, shape, typed, whole, words } from './shape.ts';

const actionable = { 'action_id?': id, 'confirm?': confirm };
const focus = { 'focus_on_load?': flag };
const placeholder = { 'placeholder?': plainText(150) };
const several = { 'max_selected_items?': whole(1, 100_000) };
const select = { ...actionable, ...focus, ...placeholder };
const filter = shape({
  'include?': listOf(oneOf('im', 'mpim', 'private', 'public'), 1, 4),
  'exclude_external_shared_channels?': flag,
  'exclude_bot_users?': flag,
});
const urlResponse = { 'response_url_enabled?': flag };
const date = rule('dates are written YYYY-MM-DD', ({ initial_date }) =>
  initial_date === undefined ? true : /^\d{4}-\d{2}-\d{2}$/.test(String(initial_date)),
);
const oneListOfOptions = rule(
  'needs either options or option_groups',
  (value) => (value.options === undefined) !== (value.option_groups === undefined),
);
const ids = listOf(words(), 1, 100);
const choice = { ...actionable, ...focus, options: listOf(richOption, 1, 10) };
const dispatch = { 'dispatch_action_config?': anything };
const typedText = { 'action_id?': id, ...focus, ...placeholder, ...dispatch };

const button = shape({
  text: plainText(75),
  ...actionable,
  'value?': words(2_000),
  'url?': address(3_000),
  'style?': oneOf('primary', 'danger'),
  'accessibility_label?': words(75),
});
const selects: Readonly<Record<string, Check>> = {
  static_select: shape(
    { ...select, 'options?': options, 'option_groups?': optionGroups, 'initial_option?': option },
    oneListOfOptions,
  ),
  external_select: shape({ ...select, 'min_query_length?': whole(0, 100), 'initial_option?': option }),
  users_select: shape({ ...select, 'initial_user?': words() }),
  conversations_select: shape({
    ...select,
    ...urlResponse,
    'initial_conversation?': words(),
    'default_to_current_conversation?': flag,
    'filter?': filter,
  }),
  channels_select: shape({ ...select, ...urlResponse, 'initial_channel?': words() }),
  multi_static_select: shape(
    {
      ...select,
      ...several,
      'options?': options,
      'option_groups?': optionGroups,
      'initial_options?': listOf(option, 1, 100),
    },
    oneListOfOptions,
  ),
  multi_external_select: shape({
    ...select,
    ...several,
    'min_query_length?': whole(0, 100),
    'initial_options?': listOf(option, 1, 100),
  }),
  multi_users_select: shape({ ...select, ...several, 'initial_users?': ids }),
  multi_conversations_select: shape({
    ...select,
    ...several,
    'initial_conversations?': ids,
    'default_to_current_conversation?': flag,
    'filter?': filter,
  }),
  multi_channels_select: shape({ ...select, ...several, 'initial_channels?': ids }),
};
const pickers: Readonly<Record<string, Check>> = {
  checkboxes: shape({ ...choice, 'initial_options?': listOf(richOption, 1, 10) }),
  radio_buttons: shape({ ...choice, 'initial_option?': richOption }),
  datepicker: shape({ ...select, 'initial_date?': words() }, date),
  timepicker: shape({ ...select, 'initial_time?': words(), 'timezone?': words() }),
  datetimepicker: shape({ ...actionable, ...focus, 'initial_date_time?': whole(1_000_000_000, 9_999_999_999) }),
};
const buttons: Readonly<Record<string, Check>> = {
  button,
  overflow: shape({ ...actionable, options: listOf(option, 1, 5) }),
  workflow_button: shape({
    text: plainText(75),
    workflow: anything,
    'action_id?': id,
    'style?': oneOf('primary', 'danger'),
    'accessibility_label?': words(75),
  }),
};
const richTextInput = shape({
  ...typedText,
  action_id: id,
  'initial_value?': richText,
  'min_lines?': whole(1, 100),
  'max_lines?': whole(1, 100),
});
const inputs: Readonly<Record<string, Check>> = {
  plain_text_input: shape({
    ...typedText,
    'initial_value?': words(3_000, 0),
    'multiline?': flag,
    'min_length?': whole(0, 3_000),
    'max_length?': whole(1, 3_000),
  }),
  email_text_input: shape({ ...typedText, 'initial_value?': words(3_000, 0) }),
  url_text_input: shape({ ...typedText, 'initial_value?': words(3_000, 0) }),
  number_input: shape({
    ...typedText,
    is_decimal_allowed: flag,
    'initial_value?': words(),
    'min_value?': words(),
    'max_value?': words(),
  }),
  file_input: shape({ 'action_id?': id, 'filetypes?': listOf(words(), 1, 100), 'max_files?': whole(1, 10) }),
  rich_text_input: richTextInput,
};
const feedbackButton = shape({ text: plainText(75), value: words(2_000), 'accessibility_label?': words(75) });

export const actionElement = typed({ ...buttons, ...selects, ...pickers, rich_text_input: richTextInput });
export const inputElement = typed({ ...inputs, ...selects, ...pickers });
export const accessory: Check = (value, at) =>
  imageElement(value, at).length === 0 ? [] : typed({ ...buttons, ...selects, ...pickers })(value, at);
export const cardButton = typed({ button });
export const contextElement: Check = (value, at) =>
  imageElement(value, at).length === 0 ? [] : anyText(3_000)(value, at);
export const contextActionElement = typed({
  feedback_buttons: shape({ 'action_id?': id, positive_button: feedbackButton, negative_button: feedbackButton }),
  icon_button: shape({
    ...actionable,
    icon: oneOf('trash'),
    text: plainText(75),
    'value?': words(2_000),
    'visible_to_user_ids?': ids,
    'accessibility_label?': words(75),
  }),
});
export const urlSource = typed({ url: shape({ url: address(), text: words(), 'icon_url?': address() }) });
