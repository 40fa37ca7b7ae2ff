import { askOptions, press } from '../acts/press.ts';
import type { Done, Stage } from '../acts/stage.ts';
import { chosen, elementsIn, type Placed } from '../elements.ts';
import { isJson, type Json, record, text } from '../json.ts';
import type { InMessage } from '../payloads.ts';
import type { Signature } from '../signed-http.ts';
import type { View } from '../state.ts';
import { personOf } from '../workspace.ts';

/** Somebody, by name, id or what `slack.as` gave. */
export type Someone = string | { readonly id: string };

export interface Pressing {
  /** What was entered elsewhere in the message: Slack's `state.values`. */
  readonly values?: Json;
  readonly signature?: Signature;
}

/** A button, as it was when it was found. Pressing it later works as with an old message on a screen. */
export interface ButtonHandle {
  readonly label: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string | undefined;
  readonly url: string | undefined;
  readonly style: string | undefined;
  readonly confirm: Json | undefined;
  click(by: Someone, options?: Pressing): Promise<Done>;
}

export interface ChoiceHandle {
  readonly actionId: string;
  readonly blockId: string;
  readonly element: Json;
  /** Chooses an option by its value, an id, or a date; several where the element takes several. */
  choose(by: Someone, value: unknown, options?: Pressing): Promise<Done>;
  /** What the app offers for this text, where it is asked. */
  options(by: Someone, typed?: string): Promise<Done & { readonly options: readonly Json[] }>;
}

type Place = InMessage | View;

/** By its label or its `action_id`. Throws where there is none, and says what there is. */
export function findButton(stage: Stage, place: () => Place, blocks: readonly Json[], wanted: string): ButtonHandle {
  const buttons = elementsIn(blocks).filter(({ element }) => isButton(element));
  const found = buttons.find(({ element }) => labelOf(element) === wanted || element.action_id === wanted);
  if (found === undefined) throw new Error(`There is no button ${wanted}, only: ${namesOf(buttons)}`);
  const { element, blockId } = found;
  return {
    label: labelOf(element),
    actionId: text(element.action_id),
    blockId,
    value: optional(element.value),
    url: optional(element.url),
    style: optional(element.style),
    confirm: isJson(element.confirm) ? element.confirm : undefined,
    click: (by, options = {}) => press(stage, person(stage, by), place(), found, options),
  };
}

/** By its `action_id`, its placeholder, or the label of its input. */
export function findChoice(stage: Stage, place: () => Place, blocks: readonly Json[], wanted: string): ChoiceHandle {
  const choices = elementsIn(blocks).filter(({ element }) => !isButton(element));
  const labels = new Map(blocks.map(({ block_id, label }) => [block_id, text(record(label).text)]));
  const found = choices.find(
    ({ element, blockId }) =>
      element.action_id === wanted ||
      text(record(element.placeholder).text) === wanted ||
      labels.get(blockId) === wanted,
  );
  if (found === undefined) throw new Error(`There is nothing to choose called ${wanted}, only: ${namesOf(choices)}`);
  const { element, blockId } = found;
  const actionId = text(element.action_id);
  return {
    actionId,
    blockId,
    element,
    choose: (by, value, options = {}) =>
      press(stage, person(stage, by), place(), found, { ...options, value: chosen(element, value) }),
    options: (by, typed = '') =>
      askOptions(stage, person(stage, by), place(), { block_id: blockId, action_id: actionId, value: typed }),
  };
}

export function buttonLabels(blocks: readonly Json[]): readonly string[] {
  return elementsIn(blocks)
    .filter(({ element }) => isButton(element))
    .map(({ element }) => labelOf(element));
}

export function person(stage: Stage, someone: Someone) {
  return personOf(stage.context.workspace, typeof someone === 'string' ? someone : someone.id);
}

function isButton({ type }: Json): boolean {
  return type === 'button' || type === 'icon_button' || type === 'workflow_button';
}

function labelOf(element: Json): string {
  return text(record(element.text).text);
}

function namesOf(placed: readonly Placed[]): string {
  return placed.map(({ element }) => labelOf(element) || text(element.action_id)).join(', ') || 'none';
}

function optional(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
