// One renderer for each Block Kit block type. What is not known is shown as such, never left out.

import { h } from '../dom.js';
import { alert, context, divider, file, header, image, markdownBlock, richTextBlock, section, video } from './basic.js';
import { card, carousel } from './cards.js';
import { chart } from './chart.js';
import { container } from './container.js';
import { dataTable } from './data-table.js';
import { actions, contextActions } from './elements.js';
import { input } from './input.js';
import { plan, taskCard } from './plan.js';
import { table } from './table.js';

const BLOCKS = {
  actions,
  alert,
  card,
  carousel,
  container,
  context,
  context_actions: contextActions,
  data_table: dataTable,
  data_visualization: chart,
  divider,
  file,
  header,
  image,
  input,
  markdown: markdownBlock,
  plan,
  rich_text: richTextBlock,
  section,
  table,
  task_card: taskCard,
  video,
};

function unknown(block) {
  const type = String(block?.type ?? 'no type');
  const note = 'The sandbox page does not draw this block.';
  return h('div', { class: 'unknown-block' }, h('strong', {}, type), ' ', note);
}

/** One block as an element. */
export function renderBlock(block, ctx) {
  const render = Object.hasOwn(BLOCKS, block?.type) ? BLOCKS[block.type] : unknown;
  const element = render(block, { ...ctx, blockId: block?.block_id ?? '' });
  element.classList.add('block', `block-${String(block?.type).replace(/[^a-z_]/g, '')}`);
  element.dataset.block = block?.block_id ?? '';
  return element;
}

/** The blocks of a message, a view or a container. */
export const renderBlocks = (blocks, ctx) =>
  (blocks ?? []).map((block) => renderBlock(block, { ...ctx, renderBlock, renderBlocks }));
