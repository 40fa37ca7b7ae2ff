import { randomBytes } from 'node:crypto';
import { given, type Json, newId } from './json.ts';
import { SlackError } from './slack-error.ts';
import { keep, type View, type Workspace } from './state.ts';

const triggerMs = 3_000;
const mostModals = 3;
const most = 5_000;

/** Good once, for three seconds. */
export function newTrigger(workspace: Workspace, user: string): string {
  const id = `${Math.floor(workspace.now())}.${randomBytes(6).toString('hex')}`;
  keep(workspace.triggers, id, { user, expiresAt: workspace.now() + triggerMs, used: false }, most);
  return id;
}

/** Whose click the trigger came from. */
export function useTrigger(workspace: Workspace, id: string): string {
  const trigger = workspace.triggers.get(id);
  if (trigger === undefined) throw new SlackError('invalid_trigger_id');
  if (trigger.used) throw new SlackError('exchanged_trigger_id');
  trigger.used = true;
  if (workspace.now() > trigger.expiresAt) throw new SlackError('expired_trigger_id');
  return trigger.user;
}

/** Opens the modal, in place of those that are open. */
export function openModal(workspace: Workspace, user: string, body: Json): View {
  return stack(workspace, user, body, []);
}

/** Opens the modal over those that are open. */
export function pushModal(workspace: Workspace, user: string, body: Json): View {
  const open = workspace.modals.get(user) ?? [];
  if (open.length === 0) throw new SlackError('not_found');
  if (open.length >= mostModals) throw new SlackError('push_limit_reached');
  return stack(workspace, user, body, open);
}

function stack(workspace: Workspace, user: string, body: Json, under: readonly string[]): View {
  refuseTaken(workspace, body);
  const id = newId('V');
  const previous = under.at(-1);
  const rootId = under[0] ?? id;
  const parts = { id, user, body: named(body), type: 'modal', rootId, hash: newHash(workspace) } as const;
  const view: View = { ...parts, ...(previous !== undefined && { previousId: previous }) };
  for (const open of workspace.modals.get(user) ?? []) if (!under.includes(open)) workspace.views.delete(open);
  workspace.modals.set(user, [...under, id]);
  return store(workspace, view);
}

export function updateView(workspace: Workspace, view: View, body: Json, hash?: string): View {
  if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
  refuseTaken(workspace, body, view.id);
  return store(workspace, { ...view, body: named(body), hash: newHash(workspace) });
}

export function publishHome(workspace: Workspace, user: string, body: Json, hash?: string): View {
  const before = workspace.views.get(workspace.homes.get(user) ?? '');
  if (before !== undefined) return updateView(workspace, before, body, hash);
  const id = newId('V');
  workspace.homes.set(user, id);
  return store(workspace, { id, user, body: named(body), type: 'home', rootId: id, hash: newHash(workspace) });
}

/** By `view_id` or `external_id`, where it is still open. */
export function findView(workspace: Workspace, args: Json): View {
  const id = given(args.view_id);
  const externalId = given(args.external_id);
  const view = Array.from(workspace.views.values()).find(
    (one) => one.id === id || (externalId !== undefined && one.body.external_id === externalId),
  );
  if (view === undefined || !isOpen(workspace, view)) throw new SlackError('not_found');
  return view;
}

/** Takes the topmost modal away, or all of them. */
export function closeModal(workspace: Workspace, user: string, all: boolean): void {
  const open = workspace.modals.get(user) ?? [];
  const left = all ? [] : open.slice(0, -1);
  for (const id of open.slice(left.length)) workspace.views.delete(id);
  workspace.modals.set(user, left);
  workspace.changed();
}

export function topModal(workspace: Workspace, user: string): View | undefined {
  return workspace.views.get(workspace.modals.get(user)?.at(-1) ?? '');
}

function isOpen({ modals }: Workspace, { id, user, type }: View): boolean {
  return type === 'home' || (modals.get(user)?.includes(id) ?? false);
}

function refuseTaken(workspace: Workspace, { external_id }: Json, except?: string): void {
  const id = given(external_id);
  if (id === undefined) return;
  const taken = Array.from(workspace.views.values()).some((one) => one.body.external_id === id && one.id !== except);
  if (taken) throw new SlackError('duplicate_external_id');
}

function store(workspace: Workspace, view: View): View {
  keep(workspace.views, view.id, view, most);
  workspace.changed();
  return view;
}

function newHash(workspace: Workspace): string {
  return `${Math.floor(workspace.now() / 1_000)}.${randomBytes(4).toString('hex')}`;
}

function named(body: Json): Json {
  const blocks = Array.isArray(body.blocks) ? body.blocks : [];
  return {
    ...body,
    blocks: blocks.map((block: Json) => ({ ...block, block_id: block.block_id ?? newId('').slice(1, 6) })),
  };
}
