import { list } from '../json.ts';
import { address, both, type Check, flag, listOf, oneOf, rule, shape, typed, whole, words } from './shape.ts';

const plain = (max: number) => shape({ text: words(max), 'emoji?': flag });
const mrkdwn = (max: number) => shape({ text: words(max), 'verbatim?': flag });

export const plainText = (max: number): Check => typed({ plain_text: plain(max) });
export const mrkdwnText = (max: number): Check => typed({ mrkdwn: mrkdwn(max) });
export const anyText = (max: number): Check => typed({ plain_text: plain(max), mrkdwn: mrkdwn(max) });

export const id = words(255);

export const confirm = shape({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  'style?': oneOf('primary', 'danger'),
});

const optionShape = (text: Check) =>
  shape({ text, value: words(150), 'description?': anyText(75), 'url?': address(3_000) });
export const option = optionShape(plainText(75));
export const richOption = optionShape(anyText(75));

export const options = listOf(option, 1, 100);
export const optionGroups = listOf(shape({ label: plainText(75), options }), 1, 100);

const imageSource = rule(
  'needs exactly one of: image_url, slack_file',
  (image) => (image.image_url === undefined) !== (image.slack_file === undefined),
);
const imageParts = {
  alt_text: words(2_000),
  'image_url?': address(),
  'slack_file?': shape({ 'id?': words(), 'url?': address() }),
};
export const imageElement = typed({ image: shape(imageParts, imageSource) });
export const imageBlock = shape({ ...imageParts, 'block_id?': id, 'title?': plainText(2_000) }, imageSource);

const style = shape({
  'bold?': flag,
  'italic?': flag,
  'strike?': flag,
  'code?': flag,
  'underline?': flag,
  'highlight?': flag,
  'client_highlight?': flag,
  'unlink?': flag,
});
const styled = { 'style?': style };

const leaf = typed({
  text: shape({ text: words(12_000), ...styled }),
  link: shape({ url: address(), 'text?': words(3_000, 0), 'unsafe?': flag, ...styled }),
  user: shape({ user_id: words(), ...styled }),
  usergroup: shape({ usergroup_id: words(), ...styled }),
  team: shape({ team_id: words(), ...styled }),
  channel: shape({ channel_id: words(), ...styled }),
  emoji: shape({ name: words(), 'unicode?': words(), 'skin_tone?': whole(1, 6), 'url?': address(), ...styled }),
  date: shape({
    timestamp: whole(0, 10_000_000_000),
    format: words(),
    'url?': address(),
    'fallback?': words(),
    ...styled,
  }),
  color: shape({ value: words(), ...styled }),
  broadcast: shape({ range: oneOf('here', 'channel', 'everyone'), ...styled }),
});

const leaves = listOf(leaf, 1, 1_000);
const border = { 'border?': whole(0, 1) };
const textOrLink = listOf(
  both(
    leaf,
    rule('must be text or a link', ({ type }) => type === 'text' || type === 'link'),
  ),
  1,
  1_000,
);

export const richTextElements = listOf(
  typed({
    rich_text_section: shape({ elements: leaves }),
    rich_text_list: shape({
      style: oneOf('bullet', 'ordered'),
      elements: listOf(typed({ rich_text_section: shape({ elements: leaves }) }), 1, 1_000),
      'indent?': whole(0, 8),
      'offset?': whole(0, 100_000),
      ...border,
    }),
    rich_text_quote: shape({ elements: leaves, ...border }),
    rich_text_preformatted: shape({ elements: textOrLink, 'language?': words(), ...border }),
  }),
  1,
  1_000,
);

export const richTextBlock = shape({ elements: richTextElements, 'block_id?': id });
export const richText = typed({ rich_text: richTextBlock });

/** All rows as wide as the first. */
export const evenRows = rule('all rows must have the same number of cells', ({ rows }) => {
  const widths = list(rows).map((row) => list(row).length);
  return widths.every((width) => width === widths[0]);
});
