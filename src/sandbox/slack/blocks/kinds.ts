import { list, records, text } from '../json.ts';
import {
  anyText,
  evenRows,
  id,
  imageBlock,
  imageElement,
  mrkdwnText,
  plainText,
  richText,
  richTextBlock,
} from './composition.ts';
import {
  accessory,
  actionElement,
  cardButton,
  contextActionElement,
  contextElement,
  inputElement,
  urlSource,
} from './elements.ts';
import {
  address,
  type Check,
  flag,
  listOf,
  needsOneOf,
  number,
  oneOf,
  rule,
  shape,
  typed,
  whole,
  words,
} from './shape.ts';

const named = { 'block_id?': id };

const cell: Check = typed({
  raw_text: shape({ text: words(10_000) }),
  raw_number: shape({ value: number, 'text?': words() }),
  rich_text: richTextBlock,
});
const table = shape(
  {
    ...named,
    rows: listOf(listOf(cell, 1, 20), 1, 100),
    'column_settings?': listOf(shape({ 'align?': oneOf('left', 'center', 'right'), 'is_wrapped?': flag }), 0, 20),
  },
  evenRows,
);
const plainHeader = rule('the header row may not have rich text', ({ rows }) =>
  records(list(rows)[0]).every(({ type }) => type !== 'rich_text'),
);
const dataTable = shape(
  {
    ...named,
    rows: listOf(listOf(cell, 1, 20), 2, 101),
    caption: words(),
    'page_size?': whole(1, 100),
    'row_header_column_index?': whole(0, 19),
  },
  (value, at) => [...evenRows(value, at), ...plainHeader(value, at)],
);

const pie = shape({ segments: listOf(shape({ label: words(20), value: number }), 1, 12) });
const axes = shape({ categories: listOf(words(20), 1, 20), 'x_label?': words(50), 'y_label?': words(50) });
const series = listOf(
  shape({ name: words(20), data: listOf(shape({ label: words(20), value: number }), 1, 20) }),
  1,
  6,
);
const pointPerCategory = rule('each series needs one point per category, and its own name', (chart) => {
  const names = records(chart.series).map(({ name }) => name);
  const categories = 'axis_config' in chart ? list(Object(chart.axis_config).categories).length : 0;
  return (
    new Set(names).size === names.length && records(chart.series).every(({ data }) => list(data).length === categories)
  );
});
const lines = shape({ series, axis_config: axes }, pointPerCategory);
const dataVisualization = shape({
  ...named,
  title: words(50),
  chart: typed({ pie, line: lines, bar: lines, area: lines }),
});

const task = {
  ...named,
  task_id: words(255),
  title: words(),
  status: oneOf('pending', 'in_progress', 'complete', 'error'),
  'details?': richText,
  'output?': richText,
  'sources?': listOf(urlSource, 0, 100),
};
const cardShape = shape(
  {
    ...named,
    'hero_image?': imageElement,
    'icon?': imageElement,
    'title?': mrkdwnText(150),
    'subtitle?': mrkdwnText(150),
    'body?': mrkdwnText(200),
    'actions?': listOf(cardButton, 1, 25),
  },
  needsOneOf('hero_image', 'title', 'actions', 'body'),
);
const uniqueActions = rule('action_id must be unique in its block', ({ elements }) => {
  const ids = records(elements)
    .map(({ action_id }) => text(action_id))
    .filter((one) => one !== '');
  return new Set(ids).size === ids.length;
});

const basic: Readonly<Record<string, Check>> = {
  actions: shape({ ...named, elements: listOf(actionElement, 1, 25) }, uniqueActions),
  context: shape({ ...named, elements: listOf(contextElement, 1, 10) }),
  divider: shape(named),
  file: shape({ ...named, source: oneOf('remote'), external_id: words() }),
  header: shape({ ...named, text: plainText(150), 'level?': whole(1, 6) }),
  image: imageBlock,
  input: shape({
    ...named,
    label: plainText(2_000),
    element: inputElement,
    'hint?': plainText(2_000),
    'optional?': flag,
    'dispatch_action?': flag,
  }),
  rich_text: richTextBlock,
  section: shape(
    {
      ...named,
      'text?': anyText(3_000),
      'fields?': listOf(anyText(2_000), 1, 10),
      'accessory?': accessory,
      'expand?': flag,
    },
    needsOneOf('text', 'fields'),
  ),
  video: shape({
    ...named,
    video_url: address(),
    thumbnail_url: address(),
    alt_text: words(2_000),
    title: plainText(199),
    'title_url?': address(),
    'author_name?': words(49),
    'provider_name?': words(),
    'provider_icon_url?': address(),
    'description?': plainText(199),
  }),
};

const container = shape(
  {
    ...named,
    'title?': plainText(150),
    'rich_text_title?': richText,
    'subtitle?': anyText(150),
    child_blocks: listOf(typed({ ...basic, table }), 1, 10),
    'width?': oneOf('narrow', 'standard', 'wide', 'full'),
    'icon?': imageElement,
    'is_collapsible?': flag,
    'default_collapsed?': flag,
    'has_header_divider?': flag,
  },
  needsOneOf('title', 'rich_text_title'),
);

export const messageBlock = typed({
  ...basic,
  table,
  container,
  data_table: dataTable,
  data_visualization: dataVisualization,
  markdown: shape({ ...named, text: words(12_000) }),
  card: cardShape,
  carousel: shape({ ...named, elements: listOf(typed({ card: cardShape }), 1, 10) }),
  context_actions: shape({ ...named, elements: listOf(contextActionElement, 1, 5) }, uniqueActions),
  task_card: shape(task),
  plan: shape({ ...named, title: words(), 'tasks?': listOf(typed({ task_card: shape(task) }), 0, 50) }),
});

/** Alerts are for modals alone. */
export const modalBlock = typed({
  ...basic,
  alert: shape({
    ...named,
    text: anyText(200),
    'level?': oneOf('default', 'info', 'warning', 'error', 'success'),
  }),
});

export const homeBlock = typed(basic);
