// Where a reader is in a list that grows.

const NEAR_END = 60;

/**
 * Keeps a pane at its end while things come or change size, for as long as that is where the reader is.
 * With `fromStart`, a pane whose content still fits stays at its start: an answer is read from the top.
 */
export function followEnd(scroller, list, { fromStart = false } = {}) {
  let isFollowing = false;
  const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  let last = 0;
  const jump = () => {
    scroller.scrollTop = scroller.scrollHeight;
    last = scroller.scrollTop;
  };
  // Only going up ends the following: content that grew also puts the end out of sight.
  const note = () => {
    const { scrollTop } = scroller;
    if (isAtEnd()) isFollowing = !(fromStart && scrollTop === 0);
    else if (scrollTop < last) isFollowing = false;
    last = scrollTop;
  };
  const observer = new ResizeObserver(() => isFollowing && jump());
  observer.observe(scroller);
  observer.observe(list);
  scroller.addEventListener('scroll', note, { passive: true });
  return {
    toEnd: () => {
      isFollowing = true;
      jump();
    },
    toStart: () => {
      isFollowing = false;
      scroller.scrollTop = 0;
    },
  };
}
