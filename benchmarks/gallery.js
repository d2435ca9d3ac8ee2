// Measuring, inside the page. `grid` names a scrolling element and its cells; both contestants are measured alike.
window.measure = (() => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  const inSight = ({ scroller, cell }) => {
    const box = scroller.getBoundingClientRect();
    return [...scroller.querySelectorAll(cell)].filter((node) => {
      if (node.hidden) return false;
      const { top, bottom, width } = node.getBoundingClientRect();
      return width > 0 && bottom > box.top + 1 && top < box.bottom - 1;
    });
  };

  const find = ({ scroller, cell }) => ({ scroller: document.querySelector(scroller), cell });

  const isPainted = (node) => {
    const picture = node.querySelector("img");
    return picture !== null && picture.complete && picture.naturalWidth > 0;
  };

  /** Milliseconds from setting the scroll position until every cell in sight shows its decoded picture. */
  async function jump(names, share, limit = 20000) {
    const grid = find(names);
    const start = performance.now();
    const before = grid.scroller.scrollTop;
    grid.scroller.scrollTop = share * (grid.scroller.scrollHeight - grid.scroller.clientHeight);
    if (grid.scroller.scrollTop === before) return 0;
    await frame(); // the grid places its cells in this frame
    for (;;) {
      await frame();
      const cells = inSight(grid);
      if (cells.length > 0 && cells.every(isPainted)) {
        await Promise.all(cells.map((node) => node.querySelector("img").decode()));
        await frame();
        return performance.now() - start;
      }
      if (performance.now() - start > limit) throw new Error(`not painted within ${limit} ms`);
    }
  }

  /** Scrolls evenly; returns the frame intervals, and cells looked at without a picture or without anything. */
  async function glide(names, speed, seconds) {
    const grid = find(names);
    const found = { intervals: [], cells: 0, blank: 0, holes: 0 };
    const box = grid.scroller.getBoundingClientRect();
    const start = performance.now();
    const from = grid.scroller.scrollTop;
    let last = start;
    for (let now = start; now - start < seconds * 1000; ) {
      now = await frame();
      found.intervals.push(now - last);
      last = now;
      grid.scroller.scrollTop = from + ((now - start) / 1000) * speed;
      if (found.intervals.length % 10 !== 0) continue; // looking costs time of its own
      for (const node of inSight(grid)) {
        found.cells += 1;
        if (!isPainted(node)) found.blank += 1;
      }
      // a hole: a place in the grid's area where no cell lies, between the first and the last column
      const nodes = inSight(grid).map((node) => node.getBoundingClientRect());
      const reach = Math.max(...nodes.map((r) => r.bottom)) - Math.min(...nodes.map((r) => r.top));
      if (!(reach >= box.height - 2)) found.holes += 1;
    }
    return found;
  }

  return { jump, glide };
})();
