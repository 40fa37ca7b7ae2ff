// Canned messages for the tests of the sandbox page, as meshbot would post them.

type Block = Record<string, unknown>;

export const text = (value: string, style?: Record<string, boolean>) =>
  style ? { type: 'text', text: value, style } : { type: 'text', text: value };
const bold = (value: string) => text(value, { bold: true });
const code = (value: string) => text(value, { code: true });
const plain = (value: string) => ({ type: 'plain_text', text: value });
const line = (...elements: Block[]) => ({ type: 'rich_text_section', elements });
export const rich = (block_id: string, ...elements: Block[]): Block => ({ type: 'rich_text', block_id, elements });
const cell = (...elements: Block[]) => ({ type: 'rich_text', elements: [line(...elements)] });
const raw = (value: string) => ({ type: 'raw_text', text: value });
const button = (action_id: string, label: string, more: Block = {}): Block => ({
  type: 'button',
  action_id,
  text: plain(label),
  value: `plan-${action_id}`,
  ...more,
});
const context = (block_id: string, value: string): Block => ({
  type: 'context',
  block_id,
  elements: [{ type: 'mrkdwn', text: value }],
});
const actions = (block_id: string, ...elements: Block[]): Block => ({ type: 'actions', block_id, elements });

/** The line under a verdict. */
const asked = (block_id: string, seconds: string, at: number) =>
  context(block_id, `mTLS · prod-eu · asked by <@U1> · ${seconds} s, <!date^${at}^{ago}|a while ago>`);

export const broken = (at: number): Block[] => [
  rich('b-verdict', line(text('✖ '), bold('productpage sends plaintext to reviews, which refuses it'))),
  rich(
    'b-counts',
    line(text('1 of 14 connections in bookinfo breaks · 2 still accept plaintext · 1 could not be seen')),
  ),
  asked('b-asked', '1.3', at),
  actions('b-actions', button('propose', 'Propose fix', { style: 'primary' }), button('again', 'Ask again')),
];

const labelled = (label: string, ...elements: Block[]) => line(bold(`${label}  `), ...elements);

export const why: Block[] = [
  rich(
    'w-why',
    labelled(
      'Why',
      text('DestinationRule '),
      code('bookinfo/reviews-v1-only'),
      text(' sets TLS to DISABLE for reviews.bookinfo:9080, so clients send plaintext. PeerAuthentication '),
      code('bookinfo/default'),
      text(' (STRICT) makes reviews refuse it.'),
    ),
  ),
  rich(
    'w-seen',
    labelled('Seen', text("productpage's Envoy has that rule; 42 connections refused in the last 5 min.")),
  ),
  rich(
    'w-next',
    labelled(
      'Next',
      text('Remove '),
      code('trafficPolicy.tls'),
      text(' from the rule: auto mTLS then does the right thing. meshbot can propose that change.'),
    ),
  ),
];

const row = (...cells: string[]) => cells.map(raw);

export const table: Block[] = [
  {
    type: 'table',
    block_id: 't-table',
    column_settings: [{ is_wrapped: false }, { is_wrapped: false }, {}, {}, { align: 'right' }],
    rows: [
      row('Result', 'Client → server', 'Server demands', 'Client sends', 'Seen, last 5 min'),
      [cell(text('✖ '), bold('breaks')), ...row('productpage → reviews:9080', 'mTLS', 'plaintext', '42 refused')],
      row('! open', 'sleep → ratings:9080', 'mTLS or plaintext', 'plaintext', '118 plaintext'),
      row('? unknown', 'reviews-v2 → ratings-v1:9080', 'mTLS', 'mTLS', 'not scraped'),
      row('✔ ok', '11 more in bookinfo', 'mTLS', 'mTLS', '3,204 mTLS'),
    ],
  },
];

export const lookedAt: Block[] = [
  {
    type: 'container',
    block_id: 'l-box',
    title: plain('Looked at'),
    subtitle: plain('policy: all · Envoy: 6 of 6 · metrics: 5 of 6'),
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [
      rich(
        'l-not',
        labelled(
          'Not seen',
          text('traffic into ratings-v1: its proxy is not scraped ('),
          code('/mesh metrics bookinfo'),
          text(' says why)'),
        ),
      ),
    ],
  },
];

export const allWell = (at: number): Block[] => [
  rich('g-verdict', line(text('✔ '), bold('Every connection in bookinfo uses mTLS, and nothing else is accepted'))),
  rich(
    'g-counts',
    line(text('6 workloads, 14 connections, STRICT by PeerAuthentication '), code('istio-system/default')),
  ),
  asked('g-asked', '0.9', at),
];

export const notKnown = (at: number): Block[] => [
  rich(
    'u-verdict',
    line(
      { type: 'emoji', name: 'grey_question' },
      text(' '),
      bold('I cannot tell whether bookinfo uses mTLS: I may not list PeerAuthentications in istio-system'),
    ),
  ),
  rich(
    'u-why',
    line(
      text('Without them every workload counts as unknown. An admin can grant it: '),
      code('kubectl apply -f deploy/base/rbac.yaml'),
      text(' (Role mesh-reader)'),
    ),
  ),
  asked('u-asked', '0.4', at),
  actions('u-actions', button('again', 'Ask again')),
];

export const proposal = (until: number): Block[] => [
  rich(
    'p-verdict',
    line(bold('Proposed: remove TLS DISABLE from DestinationRule '), text('bookinfo/reviews-v1-only', { code: true })),
  ),
  context('p-wait', `Waiting for 1 of @sre-oncall · until <!date^${until}^{time}|later>`),
  rich(
    'p-effect',
    labelled('Effect', text('productpage → reviews goes from refused to mTLS. Nobody else uses this rule.')),
    labelled('Risk', text('low: one object, no restart. Connections open anew within 45 s.')),
    labelled('Undo', text('one click for as long as the rule stays as written.')),
    { type: 'rich_text_preformatted', elements: [text('− trafficPolicy:\n−   tls:\n−     mode: DISABLE')] },
  ),
  context('p-who', 'requested by <@U1> · plan 7f3a…'),
  actions(
    'p-actions',
    button('approve', 'Approve', {
      style: 'primary',
      confirm: {
        title: plain('Approve this change?'),
        text: { type: 'mrkdwn', text: 'It changes *one* object in `bookinfo`.' },
        confirm: plain('Approve'),
        deny: plain('Not now'),
      },
    }),
    button('decline', 'Decline', { style: 'danger' }),
    button('yaml', 'Full YAML'),
  ),
];

const point = (label: string, value: number) => ({ label, value });
const DAYS = ['Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon'];
const week = (name: string, ...values: number[]) => ({
  name,
  data: values.map((value, index) => point(DAYS[index] ?? '', value)),
});

export const digest: Block[] = [
  {
    type: 'header',
    block_id: 'd-head',
    text: plain('bookinfo + payments, Monday 9:00: 1 new problem, 2 fixed'),
  },
  rich(
    'd-body',
    labelled('New', code('payments/api'), text(' accepts plaintext again (PERMISSIVE by payments/legacy)')),
    labelled('Fixed', text('reviews refused productpage (12 h) · ratings’ certificate near expiry')),
    labelled('Same', text('3 known (oldest 12 d) · 1 muted until Fri · everything else fine (61 checks, 2 clusters)')),
    labelled('Not seen', text('prod-us: worker has not answered since 03:10')),
  ),
  {
    type: 'data_visualization',
    block_id: 'd-chart',
    title: 'Open findings, last 7 days',
    chart: {
      type: 'line',
      series: [week('errors', 4, 4, 3, 3, 2, 3, 1), week('warnings', 9, 8, 8, 6, 6, 5, 4)],
      axis_config: { categories: DAYS, y_label: 'findings' },
    },
  },
];
