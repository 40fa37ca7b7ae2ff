// Every kind of block and element once, and text that must stay text.

import { rich, text } from './page-blocks.ts';

type Block = Record<string, unknown>;

const plain = (value: string) => ({ type: 'plain_text', text: value });
const mrkdwn = (value: string) => ({ type: 'mrkdwn', text: value });
const option = (value: string) => ({ text: plain(`Option ${value}`), value });
const options = ['a', 'b', 'c'].map(option);
const raw = (value: string) => ({ type: 'raw_text', text: value });

export const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

const everyLeaf = [
  text('bold', { bold: true }),
  text('italic', { italic: true }),
  text('struck', { strike: true }),
  text('code', { code: true }),
  { type: 'link', url: 'https://istio.io/latest/docs/', text: 'the docs' },
  { type: 'link', url: 'javascript:alert(1)', text: 'a bad link' },
  { type: 'user', user_id: 'U1' },
  { type: 'usergroup', usergroup_id: 'S1' },
  { type: 'channel', channel_id: 'C2' },
  { type: 'emoji', name: 'white_check_mark' },
  { type: 'date', timestamp: 1_700_000_000, format: '{date_num}', fallback: 'long ago' },
  { type: 'color', value: '#0f766e' },
  { type: 'broadcast', range: 'here' },
  text(HOSTILE),
].flatMap((leaf) => [leaf, text(' ')]);

const lists = rich(
  'k-rich',
  { type: 'rich_text_section', elements: everyLeaf },
  {
    type: 'rich_text_list',
    style: 'bullet',
    elements: ['one', 'two'].map((item) => ({ type: 'rich_text_section', elements: [text(item)] })),
  },
  { type: 'rich_text_quote', elements: [text('quoted')] },
  { type: 'rich_text_preformatted', elements: [text('apiVersion: v1\nkind: Service')] },
);

export const MRKDWN = [
  '*bold* _italic_ ~struck~ `co*d*e` <https://kiali.io|Kiali> <@U2> <#C2> <!here> :warning:',
  '&lt;b&gt; snake_case_name 2*3*4 <javascript:alert(1)|bad>',
  '<!date^1700000000^{date_num}|then> <!date^1700000000^{nonsense}|fallback text>',
  '> a quote',
  '```kubectl get pods -n bookinfo```',
].join('\n');

const markdown = [
  '## Findings',
  '**bold** and *italic* with `code` and [a link](https://istio.io) and [bad](javascript:alert(1))',
  '- first\n- second',
  '| name | count |\n|---|---|\n| reviews | 3 |',
].join('\n\n');

const point = (label: string, value: number) => ({ label, value });
const axis = { categories: ['Mon', 'Tue'], x_label: 'day', y_label: 'requests' };
const series = [
  { name: 'ok', data: [point('Mon', 1200), point('Tue', 900)] },
  { name: 'failed', data: [point('Mon', 40), point('Tue', 75)] },
];
const chart = (type: string, given: Block): Block => ({
  type: 'data_visualization',
  block_id: `k-${type}`,
  title: `A ${type} chart`,
  chart: { type, ...given },
});
const card = (title: string): Block => ({
  type: 'card',
  title: mrkdwn(`*${title}*`),
  subtitle: mrkdwn('bookinfo'),
  body: mrkdwn('3 replicas'),
  actions: [{ type: 'button', action_id: `card-${title}`, text: plain('Look'), value: title }],
});

const numbers = Array.from({ length: 7 }, (_, index) => [
  raw(`service-${index}`),
  { type: 'raw_number', value: 70 - index },
]);

export const showing: Block[] = [
  { type: 'header', block_id: 'k-header', text: plain('A header') },
  { type: 'section', block_id: 'k-mrkdwn', text: mrkdwn(MRKDWN) },
  { type: 'section', block_id: 'k-plain', text: plain(`*not bold* ${HOSTILE}`) },
  {
    type: 'section',
    block_id: 'k-fields',
    fields: ['*Cluster*\nprod-eu', '*Namespace*\nbookinfo'].map(mrkdwn),
    accessory: { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a picture' },
  },
  { type: 'divider', block_id: 'k-divider' },
  lists,
  { type: 'markdown', block_id: 'k-markdown', text: markdown },
  { type: 'image', block_id: 'k-image', image_url: 'https://example.com/b.png', alt_text: 'the mesh as a graph' },
  chart('bar', { series, axis_config: axis }),
  chart('area', { series, axis_config: axis }),
  chart('pie', { segments: [point('mTLS', 12), point('plaintext', 2)] }),
  {
    type: 'data_table',
    block_id: 'k-data',
    caption: 'Requests per service',
    rows: [[raw('Service'), raw('Requests')], ...numbers],
  },
  { type: 'carousel', block_id: 'k-carousel', elements: ['productpage', 'reviews', 'ratings'].map(card) },
  {
    type: 'plan',
    block_id: 'k-plan',
    title: 'Checking bookinfo',
    tasks: [
      { type: 'task_card', task_id: 't1', title: 'Reading policies', status: 'complete' },
      { type: 'task_card', task_id: 't2', title: 'Reading proxies, 4 of 6', status: 'in_progress' },
      { type: 'task_card', task_id: 't3', title: 'Asking Prometheus', status: 'pending' },
    ],
  },
  { type: 'hologram', block_id: 'k-unknown' },
];

const element = (type: string, more: Block = {}): Block => ({ type, action_id: type, ...more });

export const acting: Block[] = [
  {
    type: 'actions',
    block_id: 'k-actions',
    elements: [
      element('static_select', { placeholder: plain('Pick one'), options }),
      element('external_select', { placeholder: plain('Namespace'), min_query_length: 0 }),
      element('multi_static_select', { placeholder: plain('Pick some'), options }),
      element('overflow', { options }),
      element('datepicker', { initial_date: '2026-11-23' }),
      element('timepicker', { initial_time: '09:00' }),
      element('radio_buttons', { options, initial_option: options[1] }),
      element('checkboxes', { options, initial_options: [options[2]] }),
      element('users_select', { placeholder: plain('Someone') }),
    ],
  },
];

const input = (block_id: string, label: string, given: Block, more: Block = {}): Block => ({
  type: 'input',
  block_id,
  label: plain(label),
  element: given,
  ...more,
});

export const modalView = {
  type: 'modal',
  callback_id: 'schedule',
  title: plain('Schedule a digest'),
  submit: plain('Schedule'),
  close: plain('Cancel'),
  blocks: [
    {
      type: 'alert',
      block_id: 'm-alert',
      level: 'warning',
      text: mrkdwn('Posted to everyone in *#mesh-oncall*.'),
    },
    input('m-topic', 'Topic', element('static_select', { options, initial_option: options[0] })),
    input('m-namespace', 'Namespace', element('external_select', { min_query_length: 0 })),
    input('m-name', 'Name', element('plain_text_input', { placeholder: plain('Morning check') }), {
      hint: plain('Shown in the first line of each digest.'),
    }),
    input('m-days', 'Days', element('checkboxes', { options, initial_options: [options[0]] })),
    input('m-time', 'Time', element('timepicker', { initial_time: '09:00' })),
    input('m-reason', 'Reason', element('plain_text_input', { multiline: true, action_id: 'reason' }), {
      optional: true,
    }),
  ],
};
