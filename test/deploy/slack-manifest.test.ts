import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { App, type Receiver } from '@slack/bolt';
import { parse } from 'yaml';
import type { HandlerDeps } from '../../src/handlers/deps.ts';
import { registerHandlers } from '../../src/handlers/register.ts';
import { neededScope } from '../../src/sandbox/slack/scopes.ts';
import { surfaces } from '../../src/slack-manifest.ts';

const text = readFileSync('deploy/slack-manifest.yaml', 'utf8');
const manifest = parse(text);
const scopes: readonly string[] = manifest.oauth_config.scopes.bot;

/** Calls of the Web API in the sources; an upload is two calls. */
const calls = globSync('src/clients/slack*.ts')
  .flatMap((file) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/\bclient\.((?:\w+\.)*\w+)\(/g), ([, call]) => call ?? ''),
  )
  .filter((call) => !['start', 'on', 'listeners', 'removeAllListeners', 'disconnect'].includes(call))
  .flatMap((call) =>
    call === 'filesUploadV2' ? ['files.getUploadURLExternal', 'files.completeUploadExternal'] : [call],
  );

describe('the Slack manifest', () => {
  it('keeps within the limits of manifest version 2', () => {
    const { display_information: shown, features } = manifest;
    assert.equal(manifest._metadata.major_version, 2);
    assert.ok(shown.name.length <= 35);
    assert.ok(shown.description.length <= 140);
    assert.match(features.bot_user.display_name, /^[-a-z0-9._]{1,80}$/);
    assert.ok(features.slash_commands.length <= 50);
    for (const { command, description, usage_hint: hint } of features.slash_commands) {
      assert.match(command, /^\/[a-z][-a-z0-9_]{0,30}$/);
      assert.ok(description.length <= 2_000 && hint.length <= 1_000);
    }
    assert.ok(scopes.length <= 255);
  });

  it('turns on what Socket Mode and buttons need, and names no address', () => {
    assert.equal(manifest.settings.socket_mode_enabled, true);
    assert.equal(manifest.settings.interactivity.is_enabled, true);
    assert.equal(manifest.settings.event_subscriptions.request_url, undefined);
    assert.doesNotMatch(text, /https?:/);
  });

  it('lets nobody write where nobody listens', () => {
    const { messages_tab_enabled: enabled, messages_tab_read_only_enabled: readOnly } = manifest.features.app_home;
    const hears = manifest.settings.event_subscriptions.bot_events.includes('message.im');
    assert.deepEqual([enabled, readOnly], [true, !hears]);
  });

  it('has the commands and events that the handlers listen to, with names written out', () => {
    const listened: string[] = [];
    const app = new App({ receiver: silent, authorize: async () => ({}) });
    app.command = ((name: string | RegExp) => void listened.push(String(name))) as App['command'];
    const heard: string[] = [];
    app.event = ((name: string) => void heard.push(name)) as App['event'];
    const offered: unknown[] = [];
    app.shortcut = ((one: unknown) => void offered.push(one)) as App['shortcut'];
    registerHandlers(app, {} as HandlerDeps);
    const { shortcuts } = manifest.features;
    assert.deepEqual(
      shortcuts.map(({ callback_id }: { callback_id: string }) => ({ callback_id, type: 'message_action' })),
      offered,
    );
    assert.ok(
      shortcuts.every(({ type, name }: { type: string; name: string }) => type === 'message' && name.length <= 24),
    );
    assert.deepEqual(manifest.settings.event_subscriptions.bot_events, heard);
    assert.equal(manifest.features.app_home.home_tab_enabled, heard.includes('app_home_opened'));
    const { slash_commands: listed } = manifest.features;
    assert.deepEqual(listed.map(({ command: name }: { command: string }) => name).toSorted(), listened.toSorted());
    assert.ok(listed.every(({ should_escape: escaped }: { should_escape: boolean }) => escaped));
  });

  it('asks for the scopes of the calls that are made, and no others', () => {
    assert.ok(calls.includes('chat.postMessage'), calls.join());
    const needed = calls.flatMap((call) =>
      (['public', 'private'] as const).map((kind) => neededScope(call, kind)).filter((scope) => scope !== undefined),
    );
    assert.deepEqual([...scopes].toSorted(), [...new Set(['commands', 'app_mentions:read', ...needed])].toSorted());
    const said = surfaces.scopes.flatMap((one) => one.calls);
    assert.deepEqual(
      [...new Set(said)].toSorted(),
      [...new Set(calls.filter((call) => call !== 'auth.test'))].toSorted(),
    );
  });

  it('lets people refuse what only makes it better', () => {
    const optional: readonly string[] = manifest.oauth_config.scopes.bot_optional;
    assert.ok(optional.every((scope) => scopes.includes(scope)));
    assert.deepEqual(
      optional,
      scopes.filter((scope) => /:history$|^user|^(?:channels|groups):read$/.test(scope)),
    );
  });
});

const silent: Receiver = { init() {}, async start() {}, async stop() {} };
