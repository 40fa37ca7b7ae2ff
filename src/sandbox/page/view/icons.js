// Line icons of the page itself.

import { s } from '../dom.js';

const PATHS = {
  hash: 'M6.2 2.5 4.8 13.5M11.2 2.5 9.8 13.5M2.8 5.8h11M2.2 10.2h11',
  lock: 'M4 7.2h8v6H4zM5.6 7.2V5.2a2.4 2.4 0 0 1 4.8 0v2',
  home: 'M2.6 7.6 8 2.8l5.4 4.8M4.2 6.6v6.6h7.6V6.6',
  menu: 'M2.4 4.2h11.2M2.4 8h11.2M2.4 11.8h11.2',
  close: 'M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4',
  back: 'M9.6 3 4.6 8l5 5',
  down: 'M4 6.4 8 10.2l4-3.8',
  send: 'M2.6 8 13.4 3.2 10 13.2 7.8 8.8z',
  reply: 'M2.6 3.4h10.8v7.2H7.2L4.2 13v-2.4H2.6z',
  file: 'M4 2.4h5.4L12.4 5.4v8.2H4zM9.2 2.6v3h3',
  download: 'M8 2.6v7.2M5 7.2l3 3 3-3M3 13.2h10',
  eye: 'M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6',
  mesh: 'M3.4 4.2h9.2M3.4 4.2 8 12.2M12.6 4.2 8 12.2',
};

/** A decorative icon; whoever uses it names the control. */
export function icon(name) {
  const picture = s('svg', { viewBox: '0 0 16 16', class: `icon icon-${name}`, 'aria-hidden': 'true' });
  picture.append(s('path', { d: PATHS[name] }));
  if (name === 'mesh') {
    const dots = [
      [3.4, 4.2],
      [12.6, 4.2],
      [8, 12.2],
    ].map(([cx, cy]) => s('circle', { cx, cy, r: 1.7 }));
    picture.append(...dots);
  }
  return picture;
}
