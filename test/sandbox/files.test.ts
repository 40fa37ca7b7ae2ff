import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { channelOf } from '../../src/sandbox/slack/workspace.ts';
import { clientOf } from './bolt-app.ts';

describe('files', () => {
  let slack: FakeSlack;
  let client: WebClient;
  const idOf = (name: string): string => channelOf(slack.workspace, name).id;

  before(async () => {
    slack = await startFakeSlack({ fileShareMs: 60 });
    client = clientOf(slack);
  });
  after(() => slack.close());

  it('appear in the channel a little after the upload, and can be fetched', async () => {
    const content = 'mode: STRICT\n# naïve ✔\n';
    const { ts = '' } = await client.chat.postMessage({ channel: idOf('#mesh'), text: 'root' });
    await client.filesUploadV2({
      channel_id: idOf('#mesh'),
      thread_ts: ts,
      file: Buffer.from(content),
      filename: 'policy.yaml',
      title: 'The policy',
      initial_comment: 'everything',
    });
    assert.equal(slack.thread(ts).length, 1);
    const message = await slack.waitForMessage({ channel: '#mesh', thread: ts });
    assert.equal(message.text, 'everything');
    const [file] = message.files;
    assert.deepEqual(
      [file?.name, file?.title, file?.words, file?.length],
      ['policy.yaml', 'The policy', content, Buffer.byteLength(content)],
    );
    const response = await fetch(`${slack.url}/sandbox/file/${file?.id}`);
    assert.equal(await response.text(), content);
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment/);
    const info = await client.files.info({ file: file?.id ?? '' });
    assert.deepEqual(
      info.file?.shares?.public?.[idOf('#mesh')]?.map((share) => share.ts),
      [message.ts],
    );
  });

  it('without a channel are seen by nobody', async () => {
    await client.filesUploadV2({ file: Buffer.from('x'), filename: 'private.txt' });
    const file = slack.files().find(({ name }) => name === 'private.txt');
    assert.deepEqual(file?.shares, []);
  });

  it('go only where the app may write, and only with their bytes', async () => {
    const upload = (channel_id: string) =>
      client.filesUploadV2({ channel_id, file: Buffer.from('x'), filename: 'a.txt' });
    await assert.rejects(
      upload(idOf('#random')),
      (error: WebAPIPlatformError) => error.data.error === 'not_in_channel',
    );
    await assert.rejects(upload('#mesh'), (error: WebAPIPlatformError) => error.data.error === 'invalid_channel');
    const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
    const complete = client.files.completeUploadExternal({ files: [{ id: file_id }] });
    await assert.rejects(complete, (error: WebAPIPlatformError) => error.data.error === 'file_not_found');
    const { status } = await fetch(upload_url, { method: 'POST', body: 'longer than it said' });
    assert.equal(status, 400);
  });
});
