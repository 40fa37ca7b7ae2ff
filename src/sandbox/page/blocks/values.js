// What people have entered, and how the server hears of it.

/** The values of one message or view, in the form of Slack's `state.values`. */
export function createForm() {
  const blocks = new Map();
  return {
    set(blockId, element, value) {
      if (!blocks.has(blockId)) blocks.set(blockId, new Map());
      blocks.get(blockId).set(element.action_id, { type: element.type, ...value });
    },
    get: (blockId, actionId) => blocks.get(blockId)?.get(actionId),
    /** Only the blocks still shown count. */
    values: (blockIds) =>
      Object.fromEntries(
        [...blocks]
          .filter(([blockId]) => !blockIds || blockIds.has(blockId))
          .map(([blockId, elements]) => [blockId, Object.fromEntries(elements)]),
      ),
  };
}

/** What an element starts with: what was entered before the view changed, else what the app set. */
export function startValue(element, ctx, key, initialKey) {
  const kept = ctx.form?.get(ctx.blockId, element.action_id);
  const value = kept ? kept[key] : element[initialKey];
  ctx.form?.set(ctx.blockId, element, { [key]: value ?? null });
  return value ?? null;
}

/** Records a new value, and reports it as an action where the element is one. True when it was reported. */
export async function changed(element, ctx, value) {
  ctx.form?.set(ctx.blockId, element, value);
  if (!ctx.dispatch) return false;
  if (element.confirm && !(await ctx.confirm(element.confirm))) return false;
  const { blockId, form, place } = ctx;
  const state = form ? { values: form.values() } : undefined;
  await ctx.act({ ...place, block_id: blockId, action_id: element.action_id, type: element.type, ...value, state });
  return true;
}

/** Attributes every control has; `data-focus` finds it again after its message has changed. */
export function controlAttributes(element, ctx) {
  const name = element.accessibility_label ?? ctx.label ?? element.placeholder?.text ?? element.action_id;
  return {
    'data-action': element.action_id,
    'data-focus': `${ctx.blockId}/${element.action_id}`,
    'aria-label': name,
    'aria-describedby': ctx.describedBy ?? null,
  };
}
