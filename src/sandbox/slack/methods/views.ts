import { checkView } from '../blocks/validate.ts';
import { given, type Json, parsed } from '../json.ts';
import { findView, openModal, publishHome, pushModal, updateView, useTrigger } from '../modals.ts';
import { SlackError } from '../slack-error.ts';
import type { View, Workspace } from '../state.ts';
import { viewJson } from '../wire.ts';
import { type Method, required } from './method.ts';

export const views: Readonly<Record<string, Method>> = {
  'views.open': ({ workspace }, args) => {
    const body = checkView(parsed(args.view), 'modal');
    return shown(workspace, openModal(workspace, useTrigger(workspace, triggerOf(args)), body));
  },
  'views.push': ({ workspace }, args) => {
    const body = checkView(parsed(args.view), 'modal');
    return shown(workspace, pushModal(workspace, useTrigger(workspace, triggerOf(args)), body));
  },
  'views.update': ({ workspace }, args) => {
    const view = findView(workspace, args);
    const body = checkView(parsed(args.view), view.type);
    return shown(workspace, updateView(workspace, view, body, given(args.hash)));
  },
  'views.publish': ({ workspace }, args) => {
    const user = required(args, 'user_id');
    if (!workspace.people.has(user)) throw new SlackError('user_not_found');
    const body = checkView(parsed(args.view), 'home');
    return shown(workspace, publishHome(workspace, user, body, given(args.hash)));
  },
};

function triggerOf(args: Json): string {
  return given(args.interactivity_pointer) ?? required(args, 'trigger_id');
}

function shown(workspace: Workspace, view: View): Json {
  return { view: viewJson(workspace, view) };
}
